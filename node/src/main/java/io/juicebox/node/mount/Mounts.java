package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The mounts of this node. All calls may be repeated. While one changes a volume's mount, a second
 * one for the same volume waits up to two seconds and is then refused with {@link
 * DriverException.OperationPending}.
 */
public interface Mounts {
  /**
   * The volume's mount, made when it isn't there or is broken. When this returns, the root of the
   * mount has answered as inode 1 of the filesystem with the UUID that the request names.
   *
   * <p>A mount that is there stays as it is, also when the request has other mount options or keys:
   * the options are in {@link Mount#options}, and {@link #renew} hands other keys over. One whose
   * process has ended and which is kept for a successor gets it now.
   *
   * @throws DriverException.Failed when the process exits or the filesystem is another one; the
   *     message has the last lines of its log. Nothing is left then, unless the mount was there
   *     before: it waits for the next attempt
   * @throws DriverException what is wrong with Redis, when the mount takes long or its process ends
   * @throws DriverException.Late when the mount isn't ready by the deadline (nothing is left), or
   *     one that was there does not answer (it stays)
   */
  Mount ensure(MountRequest request);

  /**
   * Has the volume's process use the keys and addresses of a request, which have been proven. When
   * they differ from those it was started with, it is restarted without an error for its users; one
   * that can't be restarted now, because a program waits for a lock, is restarted later. Where the
   * former keys are refused by now it is replaced as after a crash.
   *
   * @throws DriverException.Failed when the successor does not start; it is tried again
   */
  void renew(MountRequest request);

  /** The volume's mount if the kernel has it now, whether or not its process answers. */
  Optional<Mount> find(VolumeId volume);

  /** All mounts that the kernel has now. */
  List<Mount> list();

  /** Volumes that are not mounted and of which something is left here: a release removes it. */
  List<VolumeId> remains();

  /** Where this node mounts a volume. */
  Path mountPoint(VolumeId volume);

  /**
   * Unmounts a volume, waits until its process has written everything and ended, and removes what
   * belongs to the mount: directory, cache, log, state, keys, cgroup, descriptor. A volume without
   * a mount is no error.
   *
   * @throws DriverException.BackendUnavailable when the process has not ended by the deadline: it
   *     has data for a server that does not take it, or a session that Redis does not close; it
   *     goes on, call again. What it has not written 20 s after the unmount is given up
   * @throws DriverException.Late when it was killed and lives on; call again
   */
  void release(VolumeId volume, Deadline deadline);
}
