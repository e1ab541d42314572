package io.juicebox.controller.registry;

import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.VolumeId;

/**
 * A volume that CreateVolume wants under a name, should there be none of that name yet.
 *
 * @param request the canonical form of the whole request
 * @param id of the new volume; an existing one keeps its own
 */
public record Intent(
    String name,
    String request,
    VolumeId id,
    Capacity capacity,
    Lineage lineage,
    Member member,
    String bucket,
    BucketMode bucketMode,
    Credentials credentials,
    Preparation preparation) {
  /** Where the id comes from. */
  public enum Preparation {
    /** It is new. */
    NONE,
    /** It was reserved, see {@link Blanks}. */
    BLANK
  }
}
