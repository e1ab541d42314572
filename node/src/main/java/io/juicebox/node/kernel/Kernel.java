package io.juicebox.node.kernel;

import java.nio.file.Path;
import java.util.Set;

/**
 * What the node program asks of Linux. Each call but {@link #open} and {@link #statfs} returns at
 * once, also where a FUSE server does not answer; these two belong on {@link BoundedCalls}.
 *
 * <p>Failures are {@link KernelException} with the errno.
 */
public interface Kernel {
  /**
   * Opens a directory that no symbolic link leads to: ENOTDIR or ELOOP when there is one in the
   * path. Where something is mounted, that is opened. Blocks as long as a filesystem on the way
   * does.
   */
  Directory open(Path directory);

  /** Makes the directory {@code source} appear at the directory {@code target} too: MS_BIND. */
  void bind(Path source, Path target);

  /**
   * Gives a bind mount exactly these flags, and leaves the filesystem's other mounts as they are. A
   * bind mount begins with the flags of the mount that it was made from.
   */
  void remountBind(Path target, Set<MountFlag> flags);

  /** Takes the topmost mount off a path, never following a symbolic link; EBUSY when in use. */
  void unmount(Path target);

  /** As {@link #unmount}, but succeeds at once: the mount goes when its last user does. */
  void detach(Path target);

  /** Room on the filesystem that holds a path. Blocks as long as a FUSE server does not answer. */
  FilesystemRoom statfs(Path path);

  /** Sets the immutable flag of a directory; EOPNOTSUPP or ENOTTY where there is none to set. */
  void setImmutable(Path directory);

  /** Clears the immutable flag of a directory. */
  void clearImmutable(Path directory);

  /**
   * Moves the calling thread alone into a UTS namespace of its own and names it. Processes that
   * this thread starts see that hostname.
   */
  void nameOwnHost(String hostname);

  /** The mount table of this process's mount namespace as it is now. */
  MountTable mounts();
}
