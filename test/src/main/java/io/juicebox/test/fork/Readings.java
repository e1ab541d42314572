package io.juicebox.test.fork;

import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;

/** What the controller's log says of each reading of a volume's metadata for a copy. */
final class Readings {
  private Readings() {}

  /** A line for each, which names the volume, the way, the pause and the cuts. */
  static List<String> of(LocalStack stack) {
    try (var lines = Files.lines(stack.controller().program().log())) {
      return lines.filter(line -> line.contains(" were read for ")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
