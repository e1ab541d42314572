package io.juicebox.controller.registry;

import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.util.Optional;

/**
 * What the registry knows of a volume.
 *
 * @param name the CO's name for it, the key of CreateVolume's idempotency
 * @param request the canonical form of the request that made it, compared as a text
 * @param password of the volume's own Redis user; present once the volume was ready
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
    Optional<PasswordHash> password,
    Optional<VolumeContext> context) {

  /** How far a volume's life has come; it only goes forward. */
  public enum State {
    /** An intent: its steps are under way or wait for the CO's next call. */
    CREATING,
    READY,
    /** A tombstone: for the CO the volume is gone, its remains are being removed. */
    DELETING
  }
}
