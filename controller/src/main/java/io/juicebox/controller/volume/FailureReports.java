package io.juicebox.controller.volume;

import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import java.util.List;

/**
 * Where people who wait for a volume are told why they wait. A report never blocks and never fails;
 * it may be lost.
 */
public interface FailureReports {
  /** Tells all of them. */
  static FailureReports all(List<FailureReports> reports) {
    return new FailureReports() {
      @Override
      public void creationFailed(String name, PvcName pvc, String why) {
        reports.forEach(each -> each.creationFailed(name, pvc, why));
      }

      @Override
      public void expansionFailed(VolumeId volume, String why) {
        reports.forEach(each -> each.expansionFailed(volume, why));
      }
    };
  }

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
