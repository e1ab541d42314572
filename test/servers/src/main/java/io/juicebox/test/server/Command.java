package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command that runs beside the tests, with all its output in one file: what it starts and leaves
 * behind would keep a pipe open.
 */
public final class Command implements AutoCloseable {
  private final String name;
  private final Process process;
  private final Path output;

  private Command(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  /** Starts it, with nothing to read. */
  public static Command start(List<String> command) {
    try {
      var output = Files.createTempFile("juicebox-", ".out");
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      return new Command(String.join(" ", command), process, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a command to its end and returns its output; fails with that when it does not end well.
   */
  public static String run(Duration limit, List<String> command) {
    try (var program = start(command)) {
      return program.await(limit);
    }
  }

  /** Whether it has not ended yet. */
  public boolean isRunning() {
    return process.isAlive();
  }

  /** Whether it has ended with 0. */
  public boolean endedWell() {
    return !process.isAlive() && process.exitValue() == 0;
  }

  /** Waits for a good end and returns the output. */
  public String await(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " still runs after " + limit + ":\n" + text());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(name + " ended with " + process.exitValue() + ":\n" + text());
    }
    return text();
  }

  private String text() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it, and what it started, when it still runs. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      Files.deleteIfExists(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
