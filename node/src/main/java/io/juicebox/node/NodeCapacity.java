package io.juicebox.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How many volumes a node can have: half of its memory, at 64 MiB for each mount. An idle juicefs
 * process keeps 16 MiB to itself and one that has worked 45 to 65 MiB; the other half is for what
 * uses the volumes.
 */
final class NodeCapacity {
  private static final Pattern MEM_TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");
  private static final long MOUNT = 64L << 20;

  private NodeCapacity() {}

  /** For the memory that a node has. */
  static int volumes(long memory) {
    return Math.clamp(memory / 2 / MOUNT, 1, 10_000);
  }

  /** For this node, by {@code /proc/meminfo}. */
  static int ofThisNode() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .map(MEM_TOTAL::matcher)
          .filter(matcher -> matcher.matches())
          .map(matcher -> volumes(Long.parseLong(matcher.group(1)) << 10))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("/proc/meminfo has no MemTotal"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
