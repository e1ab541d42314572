package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import java.util.List;
import java.util.Optional;

/**
 * The mounts of this node. All calls may be repeated. While one changes a volume's mount, a second
 * one for the same volume is refused with {@link DriverException.OperationPending}: callers that
 * want to wait claim the volume first.
 */
public interface Mounts {
  /**
   * The volume's mount, made when it isn't there or is broken. When this returns, the root of the
   * mount has answered as inode 1 of the filesystem with the UUID that the request names.
   *
   * <p>A mount that is there stays as it is, also when the request has other mount options: they
   * are in {@link Mount#options}.
   *
   * @throws DriverException.Failed when the process exits or the filesystem is another one; the
   *     message has the last lines of its log. Nothing is left then
   * @throws DriverException whatever the request's doubt throws. Nothing is left then
   * @throws DriverException.Late when the mount isn't ready by the deadline (nothing is left), or
   *     one that was there does not answer (it stays)
   */
  Mount ensure(MountRequest request);

  /** The volume's mount if the kernel has it now, whether or not its process answers. */
  Optional<Mount> find(VolumeId volume);

  /** All mounts that the kernel has now. */
  List<Mount> list();

  /** Volumes that are not mounted and of which something is left here: a release removes it. */
  List<VolumeId> remains();

  /**
   * Unmounts a volume, waits until its process has written everything and ended, and removes what
   * belongs to the mount: directory, cache, log, state. A volume without a mount is no error.
   *
   * @throws DriverException.BackendUnavailable when the process has not ended by the deadline: it
   *     has data for a server that does not take it, or a session that Redis does not close; it
   *     goes on, call again. What it has not written 20 s after the unmount is given up
   * @throws DriverException.Late when it was killed and lives on; call again
   */
  void release(VolumeId volume, Deadline deadline);
}
