package io.juicebox.controller.object;

import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeId;

/**
 * An account of the object store.
 *
 * @param accessKey its name, which is no secret
 */
public record Account(String accessKey, Secret secretKey) {
  /** One for a volume, with a secret of its own. */
  public static Account random(VolumeId volume) {
    return new Account(nameOf(volume), Secret.random());
  }

  /** The access key of a volume's account. */
  public static String nameOf(VolumeId volume) {
    return volume.value();
  }
}
