package io.juicebox.node.cgroup;

import io.juicebox.node.kernel.MountTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the cgroups of processes. */
final class CgroupSearch {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupSearch.class);
  private static final Path PROC = Path.of("/proc");

  private CgroupSearch() {}

  static VolumeCgroups ofThisProcess(String name) {
    VolumeCgroups found;
    try {
      found =
          of("self")
              .map(place -> at(place, name))
              .orElseGet(
                  () -> new NoCgroups("no memory controller is mounted that shows our own cgroup"));
    } catch (IOException | RuntimeException e) {
      found = new NoCgroups(e.toString()); // whatever it is: volumes have to work
    }
    if (found instanceof NoCgroups none) {
      LOG.warn("{}", none.state());
    } else {
      LOG.info("{}", found.state());
    }
    return found;
  }

  /** Those below one cgroup, if the machine lets us make them there. */
  static VolumeCgroups at(CgroupPlace own, String name) {
    var cgroups = LinuxCgroups.below(own, name);
    try {
      cgroups.prepare();
      return cgroups;
    } catch (IOException e) {
      return new NoCgroups("none can be made below %s: %s".formatted(own.directory(), e));
    }
  }

  /**
   * Where a process is now.
   *
   * @param pid a number, or {@code self}
   * @throws IOException when there is no such process
   */
  static Optional<CgroupPlace> of(String pid) throws IOException {
    return CgroupPlace.of(
        read(PROC.resolve(pid).resolve("cgroup")),
        new MountTable(read(PROC.resolve("self/mountinfo"))));
  }

  /** Not readString, which fails where somebody's path is not UTF-8. */
  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
