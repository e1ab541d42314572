package io.juicebox.controller.registry;

import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.util.Optional;

/**
 * A volume that CreateVolume wants under a name, should there be none of that name yet.
 *
 * @param request the canonical form of the whole request
 * @param id of the new volume; an existing one keeps its own
 * @param origin what it is to be a copy of; it is then the next member of that one's lineage
 */
public record Intent(
    String name,
    String request,
    VolumeId id,
    Capacity capacity,
    Lineage lineage,
    String bucket,
    BucketMode bucketMode,
    Credentials credentials,
    BlockFormat blocks,
    Optional<Origin> origin,
    Preparation preparation) {
  /** Where the id comes from. */
  public enum Preparation {
    /** It is new. */
    NONE,
    /** It was reserved, see {@link Blanks}. */
    BLANK
  }
}
