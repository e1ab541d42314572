package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.SocketFactory;

/**
 * A real Redis on loopback as an operator should run it for Juicebox: every write is in the
 * append-only file before it is answered, nothing is ever evicted, many databases, a password. It
 * can be stopped and started again on the same port with the same data.
 */
public final class TestingRedis extends TestingServer {
  private static final Duration START = Duration.ofSeconds(60);
  private static final String ACL_FILE = "users.acl";

  private final int port;
  private final String password;
  private final Optional<TestingAuthority> authority;

  private TestingRedis(
      Path directory,
      Optional<TestDirectory> own,
      int port,
      String password,
      Optional<TestingAuthority> authority,
      RunningProgram server) {
    super(directory, own, server);
    this.port = port;
    this.password = password;
    this.authority = authority;
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
    return startIn(own.path(), Optional.of(own), Optional.empty(), databases, configuration);
  }

  /**
   * Starts a server that speaks TLS only, and with clients only whom the authority has signed,
   * unless the lines say otherwise.
   */
  public static TestingRedis start(
      TestingAuthority authority, TestingAuthority.Identity server, String... configuration) {
    var own = TestDirectory.create("redis");
    return startIn(
        own.path(),
        Optional.of(own),
        Optional.of(authority),
        4096,
        encrypted(authority, server, configuration));
  }

  /** Starts one that has its users in a file, which it can save. */
  public static TestingRedis startWithAclFile(int databases, String... configuration) {
    return start(databases, "aclfile " + ACL_FILE, String.join("\n", configuration));
  }

  /**
   * Starts a server in a directory that the caller removes with {@link Remains}; it outlives this
   * JVM.
   */
  public static TestingRedis startIn(Path directory, int databases, String... configuration) {
    return startIn(directory, Optional.empty(), Optional.empty(), databases, configuration);
  }

  /** As {@link #startIn(Path, int, String...)}, with TLS and client certificates. */
  public static TestingRedis startIn(Path directory, int databases, TestingAuthority authority) {
    return startIn(
        directory,
        Optional.empty(),
        Optional.of(authority),
        databases,
        encrypted(authority, authority.loopback()));
  }

  private static String[] encrypted(
      TestingAuthority authority, TestingAuthority.Identity server, String... configuration) {
    return new String[] {
      "tls-ca-cert-file " + authority.certificate(),
      "tls-cert-file " + server.certificate(),
      "tls-key-file " + server.key(),
      "tls-auth-clients yes",
      String.join("\n", configuration)
    };
  }

  private static TestingRedis startIn(
      Path directory,
      Optional<TestDirectory> own,
      Optional<TestingAuthority> authority,
      int databases,
      String... configuration) {
    var port = FreePort.find();
    var password = RandomText.of(24);
    var lines =
        """
        bind 127.0.0.1
        %s
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
            .formatted(
                authority.isPresent() ? "port 0\ntls-port " + port : "port " + port,
                password,
                directory,
                databases,
                String.join("\n", configuration));
    try {
      Files.writeString(Files.createFile(directory.resolve("redis.conf"), SecretFile.MODE), lines);
      // Used where the configuration names it: in place of requirepass.
      Files.writeString(
          Files.createFile(directory.resolve(ACL_FILE), SecretFile.MODE),
          "user default on >" + password + " ~* &* +@all\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var server = launch(directory, port, password, authority);
    return new TestingRedis(directory, own, port, password, authority, server);
  }

  /** The server without TLS that another JVM started in a directory, if it runs. */
  public static Optional<TestingRedis> find(Path directory) {
    return RunningProgram.find("redis", directory)
        .map(server -> {
          var lines = configurationLines(directory);
          return new TestingRedis(
              directory,
              Optional.empty(),
              Integer.parseInt(value(lines, "port")),
              value(lines, "requirepass"),
              Optional.empty(),
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

  private static RunningProgram launch(
      Path directory, int port, String password, Optional<TestingAuthority> authority) {
    var sockets =
        authority
            .<SocketFactory>map(known -> known.context().getSocketFactory())
            .orElseGet(SocketFactory::getDefault);
    var server =
        RunningProgram.start(
            "redis",
            directory,
            List.of(
                Tools.program("redis-server").toString(),
                directory.resolve("redis.conf").toString()),
            Map.of());
    server.awaitReady(START, () -> answers(sockets, port, password));
    return server;
  }

  /** {@code redis://127.0.0.1:PORT}, or {@code rediss}: without the password. */
  public String address() {
    return scheme() + "127.0.0.1:" + port;
  }

  /** The address of one database with the password in it, for clients of tests. */
  public String uri(int number) {
    return scheme() + ":" + password + "@127.0.0.1:" + port + "/" + number;
  }

  private String scheme() {
    return authority.isPresent() ? "rediss://" : "redis://";
  }

  public int port() {
    return port;
  }

  public String password() {
    return password;
  }

  @Override
  RunningProgram launch() {
    return launch(directory(), port, password, authority);
  }

  /** What redis-cli prints for a command in one database. */
  public String cli(int number, String... command) {
    var output = new StringBuilder();
    if (cli(List.of("-n", Integer.toString(number)), password, List.of(command), output) != 0) {
      throw new IllegalStateException("redis-cli " + command[0] + ": " + output);
    }
    return output.toString().strip();
  }

  /** What redis-cli prints for a command of another user in one database, refusals too. */
  public String as(String user, String secret, int number, List<String> command) {
    var output = new StringBuilder();
    var options = List.of("--user", user, "-n", Integer.toString(number));
    var _ = cli(options, secret, command, output);
    return output.toString().strip();
  }

  private int cli(List<String> options, String secret, List<String> command, StringBuilder output) {
    var whole = new ArrayList<String>();
    whole.addAll(
        List.of(
            Tools.program("redis-cli").toString(),
            "-p",
            Integer.toString(port),
            "--no-auth-warning"));
    authority.ifPresent(known -> {
      whole.addAll(List.of("--tls", "--cacert", known.certificate().toString()));
      whole.addAll(List.of("--cert", known.observer().certificate().toString()));
      whole.addAll(List.of("--key", known.observer().key().toString()));
    });
    whole.addAll(options);
    whole.addAll(command);
    var builder = new ProcessBuilder(whole).redirectErrorStream(true);
    builder.environment().put("REDISCLI_AUTH", secret);
    try {
      var process = builder.start();
      process.getOutputStream().close();
      output.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      return process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static boolean answers(SocketFactory sockets, int port, String password) {
    try (var socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port)) {
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
