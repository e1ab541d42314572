package io.juicebox.node.kernel;

import java.nio.file.Path;

/**
 * A directory that was found once and stays the same, whatever becomes of the path that led to it.
 * Close it: it keeps its filesystem from being unmounted.
 */
public final class Directory implements AutoCloseable {
  private final Path path;
  private final Runnable close;

  /**
   * @param close may be called again
   */
  Directory(int descriptor, Runnable close) {
    this.path = Path.of("/proc/self/fd", Integer.toString(descriptor));
    this.close = close;
  }

  /** A path that leads to this directory as long as it is open, past whatever is mounted on it. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    close.run();
  }
}
