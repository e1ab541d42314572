package io.juicebox.node.cgroup;

import io.juicebox.node.kernel.MountFlag;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where a process is in the hierarchy that limits memory.
 *
 * @param directory its own cgroup, as this program sees it
 */
record CgroupPlace(Version version, Path directory) {
  /** Of cgroups; their files have other names. */
  enum Version {
    V1("cgroup"),
    V2("cgroup2");

    private final String filesystem;

    Version(String filesystem) {
      this.filesystem = filesystem;
    }

    MemoryController memory() {
      return switch (this) {
        case V1 -> new MemoryV1();
        case V2 -> new MemoryV2();
      };
    }
  }

  /** A line of /proc/PID/cgroup, {@code number:controllers:path}; version 2 names none. */
  private record Membership(Version version, Path path) {}

  /**
   * Finds it; empty when no hierarchy with the memory controller is mounted, or not the part of it
   * that the process is in.
   *
   * @param cgroup the text of {@code /proc/PID/cgroup}
   */
  static Optional<CgroupPlace> of(String cgroup, MountTable mounts) {
    return membership(cgroup)
        .flatMap(membership ->
            mounts
                .mounts()
                .filter(mount -> isHierarchy(mount, membership))
                // A container may have one to look at, and another from its host to write to.
                .sorted(Comparator.comparing(mount -> mount.has(MountFlag.READ_ONLY)))
                .findFirst()
                .map(mount -> place(membership, mount)));
  }

  /** A hybrid has both versions, and the memory controller in one of version 1. */
  private static Optional<Membership> membership(String text) {
    List<String[]> lines =
        Arrays.stream(text.split("\n", -1))
            .map(line -> line.split(":", 3))
            .filter(fields -> fields.length == 3)
            .toList();
    return membership(lines, "memory", Version.V1).or(() -> membership(lines, "", Version.V2));
  }

  private static Optional<Membership> membership(
      List<String[]> lines, String controller, Version version) {
    return lines.stream()
        .filter(fields -> List.of(fields[1].split(",", -1)).contains(controller))
        .map(fields -> new Membership(version, Path.of(fields[2])))
        .findFirst();
  }

  /**
   * Whether a mount shows where the process is. In a cgroup namespace all paths begin at its root,
   * and what was mounted outside of it has a root like {@code /../..}: what of it is ours can't be
   * known.
   */
  private static boolean isHierarchy(MountInfo mount, Membership membership) {
    return mount.type().equals(membership.version().filesystem)
        && (membership.version() == Version.V2 || mount.filesystemOptions().contains("memory"))
        && membership.path().startsWith(mount.root());
  }

  /** In a container the mount may show the process's own cgroup alone, under its whole path. */
  private static CgroupPlace place(Membership membership, MountInfo mount) {
    Path within = Path.of(mount.root()).relativize(membership.path());
    return new CgroupPlace(
        membership.version(), Path.of(mount.mountPoint()).resolve(within).normalize());
  }
}
