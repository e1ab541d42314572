package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import java.util.Map;
import java.util.function.Consumer;

/** What the owner of the juicefs processes offers beside the mounts themselves. */
public interface MountService extends Mounts {
  /**
   * Replaces the volume's process by a new one without an error for its users: after an upgrade of
   * juicefs, and for whatever a process takes only when it starts.
   *
   * @throws DriverException.Failed when the old one has left and the new one does not start; it is
   *     tried again
   */
  Restart restart(VolumeId volume, Deadline deadline);

  /**
   * Has all processes leave for a successor of this program, which the descriptors and the files
   * that they leave let go on without an error. Programs that use the volumes wait from now on. The
   * calls above are refused afterwards.
   */
  void handOver(Deadline deadline);

  /** How all mounts are. */
  Map<VolumeId, MountHealth> health();

  /** Tells of each change of a mount's health from now on, on the thread that causes it. */
  Watch watch(Consumer<MountHealth> listener);

  /** Ends what was begun. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
