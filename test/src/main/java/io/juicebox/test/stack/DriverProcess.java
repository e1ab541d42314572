package io.juicebox.test.stack;

import io.juicebox.test.client.CsiClient;
import io.juicebox.test.server.RunningProgram;
import io.juicebox.test.server.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The controller, a node plugin or a mount service as a process, the way it runs in production. It
 * can be killed and started again with the same settings, and be held at a named step.
 */
public final class DriverProcess {
  /** What a file of settings has beside them. */
  private static final String KIND = "program";

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(5);

  private final String name;
  private final Path home;
  private final Program kind;
  private final Map<String, String> settings;
  private RunningProgram program;
  private @Nullable CsiClient client;

  private DriverProcess(
      String name, Path home, Program kind, Map<String, String> settings, RunningProgram program) {
    this.name = name;
    this.home = home;
    this.kind = kind;
    this.settings = settings;
    this.program = program;
  }

  /**
   * Starts a program and waits until it serves.
   *
   * @param name of its files in the home directory: log, pid file, socket
   * @param settings its environment, without its endpoint
   */
  static DriverProcess start(String name, Path home, Program kind, Map<String, String> settings) {
    var whole = new TreeMap<>(settings);
    whole.put(kind.endpointSetting(), kind.endpoint(home, name));
    remember(home.resolve(name + ".settings"), kind, whole);
    return new DriverProcess(name, home, kind, whole, launch(name, home, kind, whole));
  }

  /** The program of that name that an earlier JVM started, if it runs. */
  static Optional<DriverProcess> find(String name, Path home) {
    var file = home.resolve(name + ".settings");
    return RunningProgram.find(name, home)
        .map(program -> {
          var settings = recall(file);
          var kind = Optional.ofNullable(settings.remove(KIND)).orElseThrow();
          return new DriverProcess(name, home, Program.valueOf(kind), settings, program);
        });
  }

  public String name() {
    return name;
  }

  public Path socket() {
    return kind.socket(home, name);
  }

  /** {@code unix:///...} */
  public String endpoint() {
    return "unix://" + socket();
  }

  /** A client of this program, if it has CSI calls; after a restart there is a new one. */
  public synchronized CsiClient client() {
    if (client == null) {
      client = CsiClient.of(socket());
    }
    return client;
  }

  /** Ends the client's connection; it says nothing to the program. */
  synchronized void closeClient() {
    if (client != null) {
      client.close();
      client = null;
    }
  }

  public RunningProgram program() {
    return program;
  }

  public long pid() {
    return program.pid();
  }

  /** The value of a setting that the stack has chosen. */
  public String setting(String key) {
    return Optional.ofNullable(settings.get(key))
        .orElseThrow(() -> new IllegalArgumentException(name + " was started without " + key));
  }

  boolean has(String key) {
    return settings.containsKey(key);
  }

  /** A subcommand of the program, as an operator runs it beside this one, with its settings. */
  public List<String> subcommand(String... arguments) {
    var command = new ArrayList<String>();
    command.add("env");
    settings.forEach((key, value) -> command.add(key + "=" + value));
    command.addAll(kind.command());
    command.addAll(List.of(arguments));
    return command;
  }

  /** SIGTERM, and waits for the end. */
  public void stop() {
    closeClient();
    program.stop(STOP);
  }

  /** SIGKILL, and waits for the end. */
  public void kill() {
    closeClient();
    program.kill();
  }

  /** Starts the program again with the same settings, after ending it in order if it runs. */
  public void restart() {
    restart(Map.of());
  }

  /** Starts the program again, from now on with these settings changed. */
  public void restart(Map<String, String> changes) {
    stop();
    settings.putAll(changes);
    program = launch(name, home, kind, settings);
  }

  /**
   * Holds the next call that reaches the step; see {@link #awaitHeld}. Needs {@link
   * StackBuilder#holdable}.
   */
  public void hold(String step) {
    try {
      Files.createFile(holds().resolve(step));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a call came to the step within the time and is held there. */
  public boolean awaitHeld(String step, Duration limit) {
    var held = holds().resolve(step + ".reached");
    return Waiting.until(() -> Files.exists(held), limit, POLL);
  }

  /** Takes all holds back; calls that are held go on. */
  public void clearHolds() {
    try (var files = Files.newDirectoryStream(holds())) {
      for (var file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path holds() {
    return Path.of(setting("JUICEBOX_PAUSE_DIR"));
  }

  private static RunningProgram launch(
      String name, Path home, Program kind, Map<String, String> settings) {
    var program = RunningProgram.start(name, home, kind.command(), settings);
    program.awaitReady(START, () -> kind.answers(kind.socket(home, name)));
    return program;
  }

  private static void remember(Path file, Program kind, Map<String, String> settings) {
    var lines = new ArrayList<String>();
    lines.add(KIND + "=" + kind);
    settings.forEach((key, value) -> lines.add(key + "=" + value));
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> recall(Path file) {
    try {
      var settings = new TreeMap<String, String>();
      for (var line : Files.readAllLines(file)) {
        var sign = line.indexOf('=');
        settings.put(line.substring(0, sign), line.substring(sign + 1));
      }
      return settings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
