package io.juicebox.controller.kube;

import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;

/** The volume that a failure is about, as far as the one who reported it knew it. */
sealed interface Whose {
  /**
   * A volume by the CO's name for it.
   *
   * @param volume the PersistentVolume's name
   */
  record Claimed(String volume, PvcName pvc) implements Whose {}

  /** A volume whose claim the registry knows. */
  record Known(VolumeId volume) implements Whose {}
}
