package io.juicebox.node.mount;

import io.juicebox.node.kernel.Errno;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountFlag;
import io.juicebox.node.kernel.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * The empty directory under a mount. Nobody can write to it, not even root, so that whoever looks
 * there while nothing is mounted gets an error and does not fill the node's disk.
 *
 * <p>The immutable flag does it (EPERM; mounting over it works). Where the filesystem or the
 * container's capabilities refuse the flag, a read-only bind mount of the directory on itself does
 * (EROFS).
 */
final class Placeholder {
  private static final Set<Errno> NO_FLAG =
      Set.of(Errno.EPERM, Errno.ENOTTY, Errno.EOPNOTSUPP, Errno.EINVAL, Errno.ENOSYS);

  private final Kernel kernel;

  Placeholder(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Creates the directory and seals it; it may be there and sealed. */
  void create(Path directory) throws IOException {
    Files.createDirectories(directory);
    try {
      kernel.setImmutable(directory);
    } catch (KernelException e) {
      if (!NO_FLAG.contains(e.errno())) {
        throw e;
      }
      bindReadOnly(directory);
    }
  }

  /** Removes the directory, on which no volume may be mounted any more; it may be gone. */
  void remove(Path directory) throws IOException {
    while (kernel.mounts().at(directory).isPresent()) { // before any look at it: it might hang
      kernel.detach(directory);
    }
    if (Files.notExists(directory)) {
      return;
    }
    try {
      kernel.clearImmutable(directory);
    } catch (KernelException e) {
      if (!NO_FLAG.contains(e.errno())) {
        throw e;
      }
    }
    Files.delete(directory);
  }

  private void bindReadOnly(Path directory) {
    if (kernel.mounts().at(directory).filter(Placeholder::isSeal).isEmpty()) {
      kernel.bind(
          directory,
          directory,
          EnumSet.of(MountFlag.READ_ONLY, MountFlag.NODEV, MountFlag.NOSUID, MountFlag.NOEXEC));
    }
  }

  private static boolean isSeal(MountInfo mount) {
    return !mount.type().startsWith("fuse") && mount.has(MountFlag.READ_ONLY);
  }
}
