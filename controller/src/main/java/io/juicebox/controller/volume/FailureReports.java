package io.juicebox.controller.volume;

import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;

/**
 * Where people who wait for a volume are told why they wait. A report never blocks and never fails;
 * it may be lost.
 */
public interface FailureReports {
  /** For those who run without Kubernetes: the log has it all. */
  FailureReports NONE =
      new FailureReports() {
        @Override
        public void creationFailed(String name, PvcName pvc, String why) {}

        @Override
        public void expansionFailed(VolumeId volume, String why) {}
      };

  /**
   * A volume could not be made.
   *
   * @param name the CO's name for it
   * @param why fit for users' eyes, like the message of a {@link
   *     io.juicebox.csi.status.DriverException}
   */
  void creationFailed(String name, PvcName pvc, String why);

  /** A volume could not be given the capacity that it should have. */
  void expansionFailed(VolumeId volume, String why);
}
