package io.juicebox.controller.object;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GrantTest {
  @Test
  void isToReadTheLineageAndToWriteTheMembersBlocks() throws JsonProcessingException {
    var json = new ObjectMapper();
    var grant = new Grant(List.of("shared", "own"), new Lineage("default-a"), new Member(12));

    assertThat(json.<JsonNode>valueToTree(grant.policy()))
        .isEqualTo(
            json.readTree(
                """
                {"Version": "2012-10-17", "Statement": [
                  {"Effect": "Allow", "Action": ["s3:GetObject"],
                   "Resource": ["arn:aws:s3:::shared/default-a/*", "arn:aws:s3:::own/default-a/*"]},
                  {"Effect": "Allow", "Action": ["s3:PutObject"],
                   "Resource": ["arn:aws:s3:::shared/default-a/chunks/12??????/*",
                                "arn:aws:s3:::own/default-a/chunks/12??????/*"]},
                  {"Effect": "Deny", "Action": ["admin:*"]}]}
                """));
  }
}
