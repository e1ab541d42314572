package io.juicebox.controller.object;

import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import java.util.List;
import java.util.Map;

/**
 * What an account may do: read the objects of its lineage, and write the blocks of its member
 * (DESIGN.md, decision 3). Not list, not delete, and nothing of the API for accounts, which lets
 * every user make service accounts of its own unless told.
 *
 * @param buckets where the lineage may lie
 */
public record Grant(List<String> buckets, Lineage lineage, Member member) {
  public Grant {
    buckets = List.copyOf(buckets);
  }

  /** As a policy of S3. */
  Map<String, Object> policy() {
    return Map.of(
        "Version",
        "2012-10-17",
        "Statement",
        List.of(
            allow("s3:GetObject", lineage.prefix() + "*"),
            allow("s3:PutObject", lineage.prefix() + member.blockPattern()),
            Map.of("Effect", "Deny", "Action", List.of("admin:*"))));
  }

  private Map<String, Object> allow(String action, String key) {
    return Map.of(
        "Effect",
        "Allow",
        "Action",
        List.of(action),
        "Resource",
        buckets.stream().map(bucket -> "arn:aws:s3:::" + bucket + "/" + key).toList());
  }
}
