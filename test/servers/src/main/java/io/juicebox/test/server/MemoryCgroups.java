package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The cgroups that limit memory: a node's program makes them below its own. */
public final class MemoryCgroups {
  /** How the names of the folders begin that Juicebox makes. */
  private static final String OURS = "juicebox-";

  private static final Duration ENDS = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(10);

  private MemoryCgroups() {}

  /** A process's own, as a folder; empty if it has ended or nothing limits memory here. */
  public static Optional<Path> of(long pid) {
    try {
      var lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup"));
      return hierarchy("memory", lines, "cgroup").or(() -> hierarchy("", lines, "cgroup2"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The volumes' cgroups that a program has made, or that a volume's process is in, and what holds
   * these.
   */
  public static List<Path> around(long pid) {
    return of(pid)
        .map(own -> holder(own).map(holder -> List.of(own, holder)).orElseGet(() -> below(own)))
        .orElse(List.of());
  }

  private static Optional<Path> holder(Path cgroup) {
    return Optional.ofNullable(cgroup.getParent())
        .filter(parent -> String.valueOf(parent.getFileName()).startsWith(OURS));
  }

  private static List<Path> below(Path cgroup) {
    var found = new ArrayList<Path>();
    for (var holder : folders(cgroup, OURS + "*")) {
      found.addAll(folders(holder, "*"));
      found.add(holder);
    }
    return found;
  }

  /** Removes one that has no folder, as soon as the last of its processes has ended. */
  static void remove(Path cgroup) {
    Waiting.until(() -> isRemoved(cgroup), ENDS, POLL);
  }

  private static boolean isRemoved(Path cgroup) {
    try {
      Files.deleteIfExists(cgroup);
      return true;
    } catch (IOException e) {
      // EBUSY: somebody is in it, who may live or be about to end.
      return !folders(cgroup, "*").isEmpty();
    }
  }

  private static Optional<Path> hierarchy(String controller, List<String> lines, String type) {
    return lines.stream()
        .map(line -> line.split(":", 3))
        .filter(fields -> List.of(fields[1].split(",", -1)).contains(controller))
        .flatMap(fields -> mounted(controller, type).stream().map(mount -> mount.at(fields[2])))
        .findFirst();
  }

  /** Where a hierarchy is mounted, and which of its cgroups is there. */
  private record Mounted(Path root, Path point) {
    Path at(String cgroup) {
      var path = Path.of(cgroup);
      return path.startsWith(root) ? point.resolve(root.relativize(path)) : point;
    }
  }

  private static Optional<Mounted> mounted(String controller, String type) {
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines
          .map(line -> line.split(" ", -1))
          .filter(fields -> {
            int end = Arrays.asList(fields).indexOf("-");
            return fields[end + 1].equals(type)
                && (controller.isEmpty()
                    || List.of(fields[end + 3].split(",", -1)).contains(controller));
          })
          .map(fields -> new Mounted(Path.of(fields[3]), Path.of(fields[4])))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> folders(Path directory, String pattern) {
    var found = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(directory, pattern)) {
      entries.forEach(entry -> {
        if (Files.isDirectory(entry)) {
          found.add(entry);
        }
      });
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}
