package io.juicebox.node.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory that was found once and stays the same, whatever becomes of the path that led to it.
 * Close it: it keeps its filesystem from being unmounted.
 */
public final class Directory implements AutoCloseable {
  private static final String MOUNT = "mnt_id:";

  private final int descriptor;
  private final Runnable close;

  /**
   * @param close may be called again
   */
  Directory(int descriptor, Runnable close) {
    this.descriptor = descriptor;
    this.close = close;
  }

  /** A path that leads to this directory as long as it is open, past whatever is mounted on it. */
  public Path path() {
    return Path.of("/proc/self/fd", Integer.toString(descriptor));
  }

  int descriptor() {
    return descriptor;
  }

  /** Of the mount that it lies on, {@link MountInfo#id}; no other gets it while this is open. */
  public int mountId() {
    try (var lines = Files.lines(Path.of("/proc/self/fdinfo", Integer.toString(descriptor)))) {
      return lines
          .filter(line -> line.startsWith(MOUNT))
          .map(line -> Integer.parseInt(line.substring(MOUNT.length()).strip()))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    close.run();
  }
}
