package io.juicebox.node.kernel;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The mounts of a mount namespace at one instant, in the kernel's order: the lower before the
 * upper.
 *
 * @param text of {@code /proc/self/mountinfo}; a node has hundreds of lines, so a question parses
 *     only those that can answer it
 */
public record MountTable(String text) {

  /** All mounts. */
  public Stream<MountInfo> mounts() {
    return parsed(line -> true);
  }

  /** The mount that a look at a path meets: the topmost of those at exactly this path. */
  public Optional<MountInfo> at(Path path) {
    return stackedAt(path).reduce((_, upper) -> upper);
  }

  /** A mount by its {@link MountInfo#id}. */
  public Optional<MountInfo> withId(int id) {
    return parsed(line -> line.startsWith(id + " ")).findFirst();
  }

  /** All mounts at exactly this path, the lowest first. */
  public Stream<MountInfo> stackedAt(Path path) {
    String point = path.toString();
    return linesNaming(path).filter(mount -> mount.mountPoint().equals(point));
  }

  /** Whether anything is mounted at a path or below it. */
  public boolean isMountedIn(Path path) {
    return linesNaming(path).anyMatch(mount -> (mount.mountPoint() + "/").startsWith(path + "/"));
  }

  /** All mounts of one filesystem, named by {@link MountInfo#device}. */
  public Stream<MountInfo> ofDevice(String device) {
    return parsed(line -> line.contains(device)).filter(mount -> mount.device().equals(device));
  }

  /** Those that may name a path: it stands there as it is, or with escapes. */
  private Stream<MountInfo> linesNaming(Path path) {
    String plain = path.toString();
    return parsed(line -> line.contains(plain) || line.indexOf('\\') >= 0);
  }

  private Stream<MountInfo> parsed(Predicate<String> lines) {
    // Not lines(): a carriage return in a path is none of the characters that the kernel escapes.
    return Arrays.stream(text.split("\n", -1))
        .filter(line -> !line.isEmpty())
        .filter(lines)
        .map(MountInfo::parse);
  }
}
