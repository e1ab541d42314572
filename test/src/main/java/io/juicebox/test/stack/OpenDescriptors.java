package io.juicebox.test.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a process has open at one moment.
 *
 * @param counts of each kind: {@code /dev/fuse}, {@code socket}, {@code pipe}, {@code
 *     anon_inode:[eventpoll]} and the like, {@code deleted}, {@code file}
 */
public record OpenDescriptors(SortedMap<String, Integer> counts) {
  private static final String FUSE = "/dev/fuse";
  private static final String PROCESS = "anon_inode:[pidfd]";
  private static final String DELETED = "deleted";

  public OpenDescriptors {
    counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
  }

  /** Looks at a process, which must be there. */
  public static OpenDescriptors of(long pid) {
    var counts = new TreeMap<String, Integer>();
    try (var all = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (var descriptor : all) {
        counts.merge(kind(descriptor), 1, Integer::sum);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    counts.remove("");
    return new OpenDescriptors(counts);
  }

  private static String kind(Path descriptor) throws IOException {
    try {
      var target = Files.readSymbolicLink(descriptor).toString();
      if (target.startsWith("socket:") || target.startsWith("pipe:")) {
        return target.substring(0, target.indexOf(':'));
      }
      if (target.equals(FUSE) || target.startsWith("anon_inode:")) {
        return target;
      }
      return target.endsWith(" (deleted)") ? DELETED : "file";
    } catch (NoSuchFileException e) {
      return ""; // closed a moment ago
    }
  }

  /** Those that stand for a volume: of others a program keeps some for a while. */
  SortedMap<String, Integer> kept() {
    var kept = new TreeMap<>(counts);
    kept.keySet().removeIf(kind -> !kind.equals(FUSE) && !kind.equals(PROCESS));
    return kept;
  }

  /** The kinds of which there are more than earlier by more than a number, and by how many. */
  public SortedMap<String, Integer> grownSince(OpenDescriptors earlier, int tolerated) {
    var grown = new TreeMap<String, Integer>();
    counts.forEach((kind, count) -> {
      int more = count - earlier.counts.getOrDefault(kind, 0);
      if (more > tolerated) {
        grown.put(kind, more);
      }
    });
    return grown;
  }
}
