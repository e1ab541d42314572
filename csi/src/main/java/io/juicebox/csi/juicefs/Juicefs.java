package io.juicebox.csi.juicefs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.juicebox.csi.status.DriverException.Failed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The juicefs program, run for a moment as a child with nothing of our environment. */
public final class Juicefs {
  private static final int LINES_KEPT = 50;

  private final Path program;

  /** How a run ended. */
  public sealed interface Result {
    /** The last lines it printed. */
    List<String> log();

    record Ended(int exit, List<String> log) implements Result {}

    record Killed(List<String> log) implements Result {}
  }

  /**
   * @param program the path, or a name to be looked up on PATH
   */
  public Juicefs(Path program) {
    this.program = program;
  }

  /**
   * The program's version; empty when it says none that we understand.
   *
   * @throws Failed when it can't be started
   */
  public Optional<JuicefsVersion> version() throws InterruptedException {
    return JuicefsVersion.parse(
        String.join("\n", run(List.of("version"), Map.of(), Duration.ofSeconds(10)).log()));
  }

  /**
   * Runs the program to its end, and kills it at the end of the time.
   *
   * @param environment all of it but PATH: what we run in may hold keys, which format would store
   */
  public Result run(List<String> arguments, Map<String, String> environment, Duration limit)
      throws InterruptedException {
    Process process = start(arguments, environment);
    Deque<String> log = new ArrayDeque<>();
    Thread reader = Thread.ofVirtual().name("juicefs-log").start(() -> read(process, log));
    boolean killed = true;
    try {
      killed = !process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (killed) {
        process.destroyForcibly().waitFor();
      }
    }
    reader.join();
    List<String> lines = List.copyOf(log);
    return killed ? new Result.Killed(lines) : new Result.Ended(process.exitValue(), lines);
  }

  private Process start(List<String> arguments, Map<String, String> environment) {
    var command = new ArrayList<String>();
    command.add(program.toString());
    command.addAll(arguments);
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    String path = System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new Failed(program + " can't be started: install juicefs or set JUICEFS", e);
    }
  }

  private static void read(Process process, Deque<String> log) {
    try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.addLast(line);
        if (log.size() > LINES_KEPT) {
          log.removeFirst();
        }
      }
    } catch (IOException e) {
      log.addLast("its output could not be read: " + e.getMessage());
    }
  }
}
