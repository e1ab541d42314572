package io.juicebox.node.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The mounts of a mount namespace at one instant, in the kernel's order: the lower before the
 * upper.
 */
public record MountTable(List<MountInfo> mounts) {
  public MountTable {
    mounts = List.copyOf(mounts);
  }

  static MountTable parse(Stream<String> lines) {
    return new MountTable(lines.map(MountInfo::parse).toList());
  }

  /** The mount that a look at a path meets: the topmost of those at exactly this path. */
  public Optional<MountInfo> at(Path path) {
    return stackedAt(path).reduce((_, upper) -> upper);
  }

  /** All mounts at exactly this path, the lowest first. */
  public Stream<MountInfo> stackedAt(Path path) {
    String point = path.toString();
    return mounts.stream().filter(mount -> mount.mountPoint().equals(point));
  }

  /** Whether anything is mounted at a path or below it. */
  public boolean isMountedIn(Path path) {
    return mounts.stream().anyMatch(mount -> (mount.mountPoint() + "/").startsWith(path + "/"));
  }

  /** All mounts of one filesystem, named by {@link MountInfo#device}. */
  public Stream<MountInfo> ofDevice(String device) {
    return mounts.stream().filter(mount -> mount.device().equals(device));
  }
}
