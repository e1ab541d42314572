package io.juicebox.controller.registry;

import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.time.Instant;
import java.util.Optional;

/**
 * What the registry knows of a snapshot.
 *
 * @param name the CO's name for it, the key of CreateSnapshot's idempotency
 * @param source the volume, whether or not it is still there
 * @param capacity of the volume when it was taken
 * @param created by the server's clock; present once the metadata was read
 * @param object the key of the object that holds the metadata; present once it is ready
 */
public record SnapshotRecord(
    VolumeId id,
    String name,
    VolumeId source,
    State state,
    Lineage lineage,
    String bucket,
    BucketMode bucketMode,
    Capacity capacity,
    BlockFormat blocks,
    Optional<Instant> created,
    Optional<String> object) {

  /** As what there can be copies of. */
  public Origin asOrigin() {
    return new Origin(Origin.Kind.SNAPSHOT, id);
  }
}
