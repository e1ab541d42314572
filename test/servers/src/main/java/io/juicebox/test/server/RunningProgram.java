package io.juicebox.test.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A program that was started in the background, in a session of its own, so that neither Ctrl-C nor
 * the end of this JVM reaches it. In the directory it was started in, its output is appended to
 * {@code <name>.log}, its pid is in {@code <name>.pid} and its {@linkplain ProcessMark mark} in
 * {@code <name>.mark}, where {@link Remains} finds it.
 */
public final class RunningProgram {
  /** The end of the name of the files that hold marks. */
  static final String MARK = ".mark";

  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration KILLED = Duration.ofSeconds(10);

  private final String name;
  private final Path directory;
  private final ProcessMark mark;

  private RunningProgram(String name, Path directory, ProcessMark mark) {
    this.name = name;
    this.directory = directory;
    this.mark = mark;
  }

  /**
   * Starts a program.
   *
   * @param directory where its log and pid file go and its working directory
   * @param environment added to this JVM's
   */
  public static RunningProgram start(
      String name, Path directory, List<String> command, Map<String, String> environment) {
    var whole = new ArrayList<String>();
    whole.add("setsid");
    whole.addAll(command);
    var log = directory.resolve(name + ".log");
    var builder =
        new ProcessBuilder(whole)
            .directory(directory.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      var process = builder.start();
      var mark =
          ProcessMark.of(process.pid())
              .orElseThrow(() -> new IllegalStateException(name + " ended at once, see " + log));
      var program = new RunningProgram(name, directory, mark);
      mark.write(program.markFile());
      Files.writeString(program.pidFile(), mark.pid() + "\n");
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** The program of that name that an earlier JVM started in the directory, if it still runs. */
  public static Optional<RunningProgram> find(String name, Path directory) {
    return ProcessMark.read(directory.resolve(name + MARK))
        .filter(ProcessMark::isAlive)
        .map(mark -> new RunningProgram(name, directory, mark));
  }

  public long pid() {
    return mark.pid();
  }

  public boolean isAlive() {
    return mark.isAlive();
  }

  public Path log() {
    return directory.resolve(name + ".log");
  }

  public Path pidFile() {
    return directory.resolve(name + ".pid");
  }

  /** The last lines of its output, for messages. */
  public String logTail() {
    try {
      var lines = Files.readAllLines(log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /**
   * Sends SIGTERM and waits for the end; after {@code grace} sends SIGKILL. Does nothing if it is
   * gone.
   */
  public void stop(Duration grace) {
    signal(ProcessHandle::destroy);
    if (awaitEnd(grace)) {
      forget();
    } else {
      kill();
    }
  }

  /** Sends SIGKILL, and nothing before that, and waits for the end. */
  public void kill() {
    signal(ProcessHandle::destroyForcibly);
    if (!awaitEnd(KILLED)) {
      throw new IllegalStateException(
          "%s (pid %d) survived SIGKILL for %s".formatted(name, mark.pid(), KILLED));
    }
    forget();
  }

  /** Waits for the end of the process; false after {@code limit}. */
  public boolean awaitEnd(Duration limit) {
    return Waiting.until(() -> !mark.isAlive(), limit, POLL);
  }

  /**
   * Waits until the program serves.
   *
   * @throws IllegalStateException with the end of its log, if it ends or the time is over
   */
  public void awaitReady(Duration limit, Waiting.Condition ready) {
    var serves = Waiting.until(() -> !mark.isAlive() || ready.holds(), limit, POLL);
    if (!mark.isAlive()) {
      throw new IllegalStateException(name + " ended while it was starting:\n" + logTail());
    }
    if (!serves) {
      throw new IllegalStateException(name + " was not ready in " + limit + ":\n" + logTail());
    }
  }

  private void signal(Consumer<ProcessHandle> how) {
    if (mark.isAlive()) {
      ProcessHandle.of(mark.pid()).ifPresent(how);
    }
  }

  private Path markFile() {
    return directory.resolve(name + MARK);
  }

  private void forget() {
    try {
      Files.deleteIfExists(pidFile());
      Files.deleteIfExists(markFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
