package io.juicebox.node.descriptor;

import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's INIT request of a mount, opaque to us: every process that serves it must know it.
 */
record InitFile(Path path) {
  boolean isThere() {
    return Files.exists(path);
  }

  byte[] read() throws IOException {
    return Files.readAllBytes(path);
  }

  /** Replaces the file as a whole. */
  void write(byte[] bytes) throws IOException {
    PrivateFile.replace(path, bytes);
  }

  void remove() {
    try {
      PrivateFile.remove(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
