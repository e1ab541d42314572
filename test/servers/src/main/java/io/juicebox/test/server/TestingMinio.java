package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/**
 * A real MinIO on loopback with random root keys, its data in one directory. It can be stopped and
 * started again on the same port with the same data.
 */
public final class TestingMinio extends TestingServer {
  private static final Duration START = Duration.ofSeconds(60);

  private final Keys keys;
  private final Optional<TestingAuthority> authority;

  /**
   * Where the server is and who may use it.
   *
   * @param port on 127.0.0.1
   */
  private record Keys(int port, String accessKey, String secretKey) {
    private static final String FILE = "minio.keys";

    void write(Path directory) {
      try {
        Files.writeString(
            Files.createFile(directory.resolve(FILE), SecretFile.MODE),
            port + "\n" + accessKey + "\n" + secretKey + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static Keys read(Path directory) {
      try {
        var lines = Files.readAllLines(directory.resolve(FILE));
        return new Keys(Integer.parseInt(lines.get(0)), lines.get(1), lines.get(2));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private TestingMinio(
      Path directory,
      Optional<TestDirectory> own,
      Keys keys,
      Optional<TestingAuthority> authority,
      RunningProgram server) {
    super(directory, own, server);
    this.keys = keys;
    this.authority = authority;
  }

  /** Starts a server in a directory of its own; it ends with this JVM at the latest. */
  public static TestingMinio start() {
    var own = TestDirectory.create("minio");
    return startIn(own.path(), Optional.of(own), Optional.empty());
  }

  /** Starts a server that speaks TLS. */
  public static TestingMinio start(TestingAuthority authority, TestingAuthority.Identity server) {
    var own = TestDirectory.create("minio");
    certify(own.path(), server);
    return startIn(own.path(), Optional.of(own), Optional.of(authority));
  }

  /**
   * Starts a server in a directory that the caller removes with {@link Remains}; it outlives this
   * JVM.
   */
  public static TestingMinio startIn(Path directory) {
    return startIn(directory, Optional.empty(), Optional.empty());
  }

  /** As {@link #startIn(Path)}, with TLS. */
  public static TestingMinio startIn(Path directory, TestingAuthority authority) {
    certify(directory, authority.loopback());
    return startIn(directory, Optional.empty(), Optional.of(authority));
  }

  /** Puts a server's certificate where it looks for it, in its home. */
  private static void certify(Path directory, TestingAuthority.Identity server) {
    try {
      var certificates = Files.createDirectories(directory.resolve(".minio/certs"));
      Files.copy(server.certificate(), certificates.resolve("public.crt"));
      Files.copy(server.key(), certificates.resolve("private.key"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TestingMinio startIn(
      Path directory, Optional<TestDirectory> own, Optional<TestingAuthority> authority) {
    var keys = new Keys(FreePort.find(), "root-" + RandomText.of(12), RandomText.of(32));
    keys.write(directory);
    return new TestingMinio(directory, own, keys, authority, launch(directory, keys, authority));
  }

  /** The server without TLS that another JVM started in a directory, if it runs. */
  public static Optional<TestingMinio> find(Path directory) {
    return RunningProgram.find("minio", directory)
        .map(server ->
            new TestingMinio(
                directory, Optional.empty(), Keys.read(directory), Optional.empty(), server));
  }

  private static RunningProgram launch(
      Path directory, Keys keys, Optional<TestingAuthority> authority) {
    try {
      Files.createDirectories(directory.resolve("minio"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var server =
        RunningProgram.start(
            "minio",
            directory,
            List.of(
                Tools.program("minio").toString(),
                "server",
                "--quiet",
                "--address",
                "127.0.0.1:" + keys.port,
                directory.resolve("minio").toString()),
            Map.of(
                "MINIO_ROOT_USER",
                keys.accessKey,
                "MINIO_ROOT_PASSWORD",
                keys.secretKey,
                "MINIO_BROWSER",
                "off",
                "MINIO_UPDATE",
                "off",
                "HOME",
                directory.toString()));
    var endpoint = endpoint(keys, authority);
    var context = authority.map(TestingAuthority::context);
    server.awaitReady(START, () -> answers(endpoint, context));
    return server;
  }

  /** {@code http://127.0.0.1:PORT}, or {@code https}. */
  public String endpoint() {
    return endpoint(keys, authority);
  }

  private static String endpoint(Keys keys, Optional<TestingAuthority> authority) {
    return (authority.isPresent() ? "https" : "http") + "://127.0.0.1:" + keys.port;
  }

  public String accessKey() {
    return keys.accessKey;
  }

  public String secretKey() {
    return keys.secretKey;
  }

  /** The names of its users and of the policies that were made for them, as on its disk. */
  public Set<String> accounts() {
    var iam = directory().resolve("minio/.minio.sys/config/iam");
    var names = new TreeSet<String>();
    for (var kind : List.of("users", "policies", "service-accounts")) {
      try (var entries = Files.newDirectoryStream(iam.resolve(kind))) {
        entries.forEach(entry -> names.add(entry.getFileName().toString()));
      } catch (NoSuchFileException e) {
        // none was ever made
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return names;
  }

  @Override
  RunningProgram launch() {
    return launch(directory(), keys, authority);
  }

  /**
   * Starts the server again with another secret of its account, as after somebody changed it:
   * {@link #restart} takes that back.
   */
  public void restartWithSecret(String secret) {
    restart(() -> launch(directory(), new Keys(keys.port, keys.accessKey, secret), authority));
  }

  /**
   * Healthy, and past its initialization: it then refuses, rather than fails, a request without a
   * key.
   */
  private static boolean answers(String endpoint, Optional<SSLContext> context) {
    try {
      return status(endpoint + "/minio/health/ready", context) == 200
          && status(endpoint + "/", context) == 403;
    } catch (IOException e) {
      return false;
    }
  }

  private static int status(String address, Optional<SSLContext> context) throws IOException {
    var url = URI.create(address).toURL();
    var connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
    if (connection instanceof HttpsURLConnection encrypted && context.isPresent()) {
      encrypted.setSSLSocketFactory(context.get().getSocketFactory());
      encrypted.setHostnameVerifier((_, _) -> true); // some tests have it certified for another
    }
    connection.setConnectTimeout(1000);
    connection.setReadTimeout(1000);
    return connection.getResponseCode();
  }
}
