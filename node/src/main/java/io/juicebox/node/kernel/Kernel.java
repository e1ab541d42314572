package io.juicebox.node.kernel;

import java.nio.file.Path;
import java.util.Set;

/**
 * What the node program asks of Linux. Each call but {@code open} and {@link #statfs} returns at
 * once, also where a FUSE server does not answer; these two belong on {@link BoundedCalls}.
 *
 * <p>Failures are {@link KernelException} with the errno.
 */
public interface Kernel {
  /**
   * Opens a directory that no symbolic link leads to: ELOOP when there is one in the path. Where
   * something is mounted, that is opened; its filesystem is not asked. Blocks as long as a
   * filesystem on the way does.
   */
  Directory open(Path directory);

  /** As {@link #open(Path)}, for a directory in another one. */
  Directory open(Directory parent, Path name);

  /**
   * Makes the directory {@code source} appear at the directory {@code target} too, by a mount with
   * exactly these flags, whatever that of the source has. It never is there without them, and other
   * mount namespaces that get it from this one get it with them.
   */
  void bind(Path source, Path target, Set<MountFlag> flags);

  /** Takes the topmost mount off a path, never following a symbolic link; EBUSY when in use. */
  void unmount(Path target);

  /** As {@link #unmount}, but succeeds at once: the mount goes when its last user does. */
  void detach(Path target);

  /** Detaches the very mount whose root directory is open. */
  void detach(Directory root);

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
