package io.juicebox.controller.registry;

import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.Optional;

/**
 * What the registry knows of a volume.
 *
 * @param name the CO's name for it, the key of CreateVolume's idempotency
 * @param request the canonical form of the request that made it, compared as a text
 * @param blocks volumes of earlier releases lack it: theirs is what the request says
 * @param origin what it was made a copy of, whether or not that is still there
 * @param issued the credentials of its own, if it has any; present once the volume was ready
 * @param context what a node needs; present once the volume was ready
 */
public record VolumeRecord(
    VolumeId id,
    String name,
    String request,
    State state,
    Number number,
    Lineage lineage,
    Member member,
    Capacity capacity,
    String bucket,
    BucketMode bucketMode,
    Credentials credentials,
    Optional<BlockFormat> blocks,
    Optional<Origin> origin,
    Optional<IssuedCredentials> issued,
    Optional<VolumeContext> context) {

  /** As what there can be copies of. */
  public Origin asOrigin() {
    return new Origin(Origin.Kind.VOLUME, id);
  }

  /** Of all users and accounts that the volume may have. */
  public List<CredentialName> credentialNames() {
    return issued.map(IssuedCredentials::names).orElseGet(() -> List.of(CredentialName.first(id)));
  }

  /** How far a volume's life has come; it only goes forward. */
  public enum State {
    /** An intent: its steps are under way or wait for the CO's next call. */
    CREATING,
    READY,
    /** A tombstone: for the CO the volume is gone, its remains are being removed. */
    DELETING
  }
}
