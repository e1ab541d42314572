package io.juicebox.test.outages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program of its own for everything that touches a mount, so that a mount that hangs costs a test
 * and not this JVM.
 */
record Program(List<String> command, Process process) implements AutoCloseable {

  static Program start(String... command) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return new Program(List.of(command), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a program; fails when it does not end well within the limit. */
  static void run(Duration limit, String... command) {
    try (var program = start(command)) {
      int exit = program.await(limit);
      if (exit != 0) {
        throw new AssertionError(program.command + " ended with " + exit);
      }
    }
  }

  /** The exit code; fails when it does not end within the limit. */
  int await(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(command + " still runs after " + limit);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
