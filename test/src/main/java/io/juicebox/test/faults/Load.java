package io.juicebox.test.faults;

import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Programs that use a folder of a volume: {@code test/faults/load.py} says which and how. They end
 * when they are told to, and with this JVM.
 */
final class Load implements AutoCloseable {
  /** All that use a volume. */
  static final List<String> ALL =
      List.of("writer", "reader", "sqlite", "locker-1", "locker-2", "walker", "looker");

  /** Nobody but who asks whether it serves. */
  static final List<String> IDLE = List.of("looker");

  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(10);

  /** The script's own limit, and some. */
  private static final Duration END = Duration.ofSeconds(75);

  private final Process process;
  private final Path output;
  private final Set<String> kinds;

  private Load(Process process, Path output, Set<String> kinds) {
    this.process = process;
    this.output = output;
    this.kinds = kinds;
  }

  /**
   * Starts it.
   *
   * @param folder on the volume; made if it isn't there
   * @param pace 1 for some hundred operations a second
   * @param output the file for what it sees; not on the volume
   */
  static Load start(Path folder, double pace, Path output, List<String> kinds) {
    var command = new ArrayList<String>();
    command.addAll(List.of(Tools.python().toString(), "-B", script("load").toString()));
    command.addAll(List.of(Double.toString(pace), folder.toString()));
    command.addAll(kinds);
    try {
      var process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new Load(process, output, Set.copyOf(kinds));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path script(String name) {
    return Tools.repository().orElseThrow().resolve("test/faults/" + name + ".py");
  }

  /** Waits until each kind has done its first step. */
  void awaitReady() {
    if (!Waiting.until(() -> seen().ready().containsAll(kinds), START, POLL)) {
      throw new AssertionError("after " + START + " only these work: " + seen().ready());
    }
  }

  /** What it has seen until now. */
  Seen seen() {
    return Seen.read(output);
  }

  /** What it saw until it was told to end, and what its last check found. */
  Seen stop() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the load still runs after " + END);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    var seen = seen();
    var missing = kinds.stream().filter(kind -> !seen.ended().contains(kind)).sorted().toList();
    if (!missing.isEmpty()) {
      seen.wrong().add("no last check of " + missing);
    }
    return seen;
  }

  /** Its processes, for who must know whether one hangs. */
  List<Long> pids() {
    return process.descendants().map(ProcessHandle::pid).toList();
  }

  /** Ends it without the last check, as a CO ends an application by force. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Ends it without the last check, if it still runs. */
  @Override
  public void close() {
    kill();
  }
}
