package io.juicebox.node.mount;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Errno;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Condition.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Asks the root of a mount which filesystem it is. */
final class Root {
  private static final String TYPE = "fuse.juicefs";
  private static final long ROOT_INODE = 1;
  private static final Set<Errno> NO_PROCESS = Set.of(Errno.ENOTCONN, Errno.ECONNABORTED);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Kernel kernel;
  private final BoundedCalls calls;

  Root(Kernel kernel, BoundedCalls calls) {
    this.kernel = kernel;
    this.calls = calls;
  }

  /** The JuiceFS mount at a path; the mount table alone is asked. */
  Optional<MountInfo> mounted(Path mountPoint) {
    return mounted(kernel.mounts(), mountPoint);
  }

  /** As {@link #mounted(Path)}, from a table that was read before. */
  static Optional<MountInfo> mounted(MountTable table, Path mountPoint) {
    return table.at(mountPoint).filter(Root::isJuicefs);
  }

  static boolean isJuicefs(MountInfo mount) {
    return mount.type().equals(TYPE);
  }

  /** What the mount says within a limit; never an exception for what a mount may do. */
  Answer ask(VolumeId volume, Path mountPoint, Duration limit) {
    return mounted(mountPoint).isEmpty()
        ? new Answer.NotMounted()
        : askMounted(volume, mountPoint, limit);
  }

  /** As {@link #ask}, where the mount table has just told that the volume is mounted. */
  Answer askMounted(VolumeId volume, Path mountPoint, Duration limit) {
    try {
      return calls.call(volume, "a look at the root", limit, () -> look(mountPoint));
    } catch (Late | UncheckedIOException e) {
      return new Answer.Silence();
    }
  }

  private Answer look(Path mountPoint) throws IOException {
    try {
      if ((long) Files.getAttribute(mountPoint, "unix:ino") != ROOT_INODE) {
        return new Answer.NotMounted();
      }
      // JuiceFS makes this file up itself; that it names the UUID proves which volume it is.
      var config = JSON.readTree(Files.readAllBytes(mountPoint.resolve(".jfs.config")));
      return new Answer.Root(
          UUID.fromString(config.path("Format").path("UUID").asText()),
          config.path("Meta").path("Sid").asLong());
    } catch (IOException e) {
      return disconnected(mountPoint).orElseThrow(() -> e);
    }
  }

  /** Tells a mount without a process from one whose process reports an error of its backend. */
  private Optional<Answer> disconnected(Path mountPoint) {
    try {
      kernel.statfs(mountPoint);
      return Optional.empty();
    } catch (KernelException e) {
      return NO_PROCESS.contains(e.errno())
          ? Optional.of(new Answer.Disconnected())
          : Optional.empty();
    }
  }
}
