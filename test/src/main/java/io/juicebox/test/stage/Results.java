package io.juicebox.test.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a stage came to. A skipped test counts as failed unless the stage may skip it. */
public record Results(String stage, int passed, int failed) {

  /**
   * Appends {@code stage passed failed} to the file that $JUICEBOX_RESULTS names, if it does;
   * returns the exit code.
   */
  public int report() {
    var file = System.getenv("JUICEBOX_RESULTS");
    if (file != null && !file.isEmpty()) {
      try {
        Files.writeString(
            Path.of(file),
            stage + " " + passed + " " + failed + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return exitCode();
  }

  /** 0 if something ran and all of it passed. */
  int exitCode() {
    return failed == 0 && passed > 0 ? 0 : 1;
  }
}
