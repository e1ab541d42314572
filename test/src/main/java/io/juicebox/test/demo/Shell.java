package io.juicebox.test.demo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs programs the way a person would at a prompt. */
final class Shell {
  private static final long LONGEST_SECONDS = 120;

  private Shell() {}

  /**
   * Runs a program to its end and returns what it printed.
   *
   * @throws IllegalStateException with its output if the exit code isn't 0
   */
  static String run(String... command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ":\n" + output);
    }
    return output.strip();
  }
}
