package io.juicebox.test.fork;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that make one change after the other: see {@code test/fork/chains.py}. */
final class Chains implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final Path ledgers;

  private Chains(Process process, Path ledgers) {
    this.process = process;
    this.ledgers = ledgers;
  }

  /**
   * Starts a script that runs them, and returns when they have made their first changes.
   *
   * @param ledgers the folder that it was told to write to; made
   */
  static Chains start(Path ledgers, List<String> script) {
    try {
      Files.createDirectories(ledgers);
      var process =
          new ProcessBuilder(script).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      var chains = new Chains(process, ledgers);
      chains.awaitReady();
      return chains;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() throws IOException {
    if (process.getInputStream().read() != '.') {
      close();
      throw new AssertionError("the programs ended before their first changes");
    }
  }

  /** Ends them after the changes under way, and says when what was done. */
  History stop() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
        throw new AssertionError("the programs did not end well");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return History.read(ledgers);
  }

  /** Ends them by force, if they still run. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
