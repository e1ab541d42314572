package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real Redis on loopback as an operator should run it for Juicebox: every write is in the
 * append-only file before it is answered, nothing is ever evicted, many databases, a password. It
 * can be stopped and started again on the same port with the same data.
 */
public final class TestingRedis extends TestingServer {
  private static final Duration START = Duration.ofSeconds(20);

  private final int port;
  private final String password;

  private TestingRedis(
      Path directory,
      Optional<TestDirectory> own,
      int port,
      String password,
      RunningProgram server) {
    super(directory, own, server);
    this.port = port;
    this.password = password;
  }

  /**
   * Starts a server with 4,096 databases in a directory of its own; it ends with this JVM at the
   * latest.
   */
  public static TestingRedis start() {
    return start(4096);
  }

  /** Starts a server with so many databases and more lines of redis.conf, which win over ours. */
  public static TestingRedis start(int databases, String... configuration) {
    var own = TestDirectory.create("redis");
    return startIn(own.path(), Optional.of(own), databases, configuration);
  }

  /**
   * Starts a server in a directory that the caller removes with {@link Remains}; it outlives this
   * JVM.
   */
  public static TestingRedis startIn(Path directory, int databases, String... configuration) {
    return startIn(directory, Optional.empty(), databases, configuration);
  }

  private static TestingRedis startIn(
      Path directory, Optional<TestDirectory> own, int databases, String... configuration) {
    var port = FreePort.find();
    var password = RandomText.of(24);
    var lines =
        """
        bind 127.0.0.1
        port %d
        requirepass %s
        dir %s
        databases %d
        appendonly yes
        appendfsync always
        save ""
        maxmemory-policy noeviction
        daemonize no
        %s
        """
            .formatted(port, password, directory, databases, String.join("\n", configuration));
    try {
      Files.writeString(Files.createFile(directory.resolve("redis.conf"), SecretFile.MODE), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new TestingRedis(directory, own, port, password, launch(directory, port, password));
  }

  /** The server that another JVM started in a directory, if it runs. */
  public static Optional<TestingRedis> find(Path directory) {
    return RunningProgram.find("redis", directory)
        .map(server -> {
          var lines = configurationLines(directory);
          return new TestingRedis(
              directory,
              Optional.empty(),
              Integer.parseInt(value(lines, "port")),
              value(lines, "requirepass"),
              server);
        });
  }

  private static List<String> configurationLines(Path directory) {
    try {
      return Files.readAllLines(directory.resolve("redis.conf"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + " "))
        .map(line -> line.substring(key.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  private static RunningProgram launch(Path directory, int port, String password) {
    var server =
        RunningProgram.start(
            "redis",
            directory,
            List.of(
                Tools.program("redis-server").toString(),
                directory.resolve("redis.conf").toString()),
            Map.of());
    server.awaitReady(START, () -> answers(port, password));
    return server;
  }

  /** {@code redis://127.0.0.1:PORT}: without the password. */
  public String address() {
    return "redis://127.0.0.1:" + port;
  }

  /** The address of one database with the password in it, for clients of tests. */
  public String uri(int number) {
    return "redis://:" + password + "@127.0.0.1:" + port + "/" + number;
  }

  public int port() {
    return port;
  }

  public String password() {
    return password;
  }

  @Override
  RunningProgram launch() {
    return launch(directory(), port, password);
  }

  /** What redis-cli prints for a command in one database. */
  public String cli(int number, String... command) {
    var whole = new ArrayList<String>();
    whole.addAll(
        List.of(
            Tools.program("redis-cli").toString(),
            "-p",
            Integer.toString(port),
            "-n",
            Integer.toString(number),
            "--no-auth-warning"));
    whole.addAll(List.of(command));
    var builder = new ProcessBuilder(whole).redirectErrorStream(true);
    builder.environment().put("REDISCLI_AUTH", password);
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("redis-cli " + command[0] + ": " + output);
      }
      return output.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static boolean answers(int port, String password) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1000);
      socket
          .getOutputStream()
          .write(("AUTH " + password + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
      var answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return answer.equals("+OK\r\n+PONG\r\n");
    } catch (IOException e) {
      return false;
    }
  }
}
