package io.juicebox.controller.volume;

import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files for metadata that is on its way, about 50 bytes for each file of a volume. Each program has
 * a directory of its own, by its process id; what one left that was killed goes with the next
 * start. So programs of different process namespaces must not share the parent.
 */
public final class CopyFiles {
  private static final Logger LOG = LoggerFactory.getLogger(CopyFiles.class);
  private static final String PREFIX = "juicebox-copies-";

  private final Path parent;
  private final Path own;

  /**
   * @param parent may be any program's, and need not be there yet
   */
  public CopyFiles(Path parent) {
    this.parent = parent;
    this.own = parent.resolve(PREFIX + ProcessHandle.current().pid());
  }

  private Failed failed(Exception cause) {
    return new Failed(
        "a file for a copy can't be written in %s (see COPIES_DIR): %s"
            .formatted(parent, Printable.of(String.valueOf(cause.getMessage()))),
        cause);
  }

  /** Removes what programs left that are no more; in a pod they all had the same process id. */
  public void tidy() {
    try {
      for (Path directory : left()) {
        remove(directory);
      }
    } catch (IOException e) {
      LOG.warn("files of former copies stay in {}: {}", parent, e.toString());
    }
  }

  private List<Path> left() throws IOException {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.filter(entry -> isLeft(entry.getFileName().toString(), entry)).toList();
    }
  }

  private boolean isLeft(String name, Path entry) {
    String pid = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : "";
    return pid.matches("\\d{1,10}")
        && (entry.equals(own) || ProcessHandle.of(Long.parseLong(pid)).isEmpty());
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> entries = Files.walk(directory)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }

  /** The same for what has no result. */
  void use(Consumer<Path> work) {
    var _ =
        with(file -> {
          work.accept(file);
          return file;
        });
  }

  /**
   * Does something with a file that goes afterwards.
   *
   * @throws Failed when there can't be one, or it can't be written
   */
  public <T> T with(Function<Path, T> work) {
    try {
      Files.createDirectories(own);
      Path file = Files.createTempFile(own, "copy-", ".tmp"); // 0600
      try {
        return work.apply(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      throw failed(e);
    }
  }
}
