package io.juicebox.csi.juicefs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.juicebox.csi.status.DriverException.Failed;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
   * What tells one program file from another, and from itself after it was written to, replaced or
   * made unusable. Of a script that starts another program it is the script's.
   *
   * @param attributes the file's place on its disk, its size and its times
   */
  public record Build(Path file, Map<String, Object> attributes) {}

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

  /** The program file that would run now; empty when there is none that can. */
  public Optional<Build> build() {
    return places().filter(Files::isExecutable).findFirst().flatMap(Juicefs::build);
  }

  private Stream<Path> places() {
    return program.getNameCount() > 1 || program.isAbsolute()
        ? Stream.of(program)
        : Arrays.stream(path().split(File.pathSeparator, -1))
            .map(directory -> Path.of(directory).resolve(program))
            .filter(Files::isRegularFile);
  }

  private static Optional<Build> build(Path file) {
    try {
      var attributes = Files.readAttributes(file, "unix:fileKey,size,lastModifiedTime,ctime");
      return Optional.of(new Build(file, attributes));
    } catch (IOException e) {
      return Optional.empty(); // gone just now
    }
  }

  private static String path() {
    return System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
  }

  private Process start(List<String> arguments, Map<String, String> environment) {
    var command = new ArrayList<String>();
    command.add(program.toString());
    command.addAll(arguments);
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().clear();
    builder.environment().put("PATH", path());
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
