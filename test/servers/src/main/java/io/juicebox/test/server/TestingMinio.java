package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real MinIO on loopback with random root keys, its data in one directory. It can be stopped and
 * started again on the same port with the same data.
 */
public final class TestingMinio extends TestingServer {
  private static final Duration START = Duration.ofSeconds(60);

  private final Keys keys;

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
      Path directory, Optional<TestDirectory> own, Keys keys, RunningProgram server) {
    super(directory, own, server);
    this.keys = keys;
  }

  /** Starts a server in a directory of its own; it ends with this JVM at the latest. */
  public static TestingMinio start() {
    var own = TestDirectory.create("minio");
    return startIn(own.path(), Optional.of(own));
  }

  /**
   * Starts a server in a directory that the caller removes with {@link Remains}; it outlives this
   * JVM.
   */
  public static TestingMinio startIn(Path directory) {
    return startIn(directory, Optional.empty());
  }

  private static TestingMinio startIn(Path directory, Optional<TestDirectory> own) {
    var keys = new Keys(FreePort.find(), "root-" + RandomText.of(12), RandomText.of(32));
    keys.write(directory);
    return new TestingMinio(directory, own, keys, launch(directory, keys));
  }

  /** The server that another JVM started in a directory, if it runs. */
  public static Optional<TestingMinio> find(Path directory) {
    return RunningProgram.find("minio", directory)
        .map(server -> new TestingMinio(directory, Optional.empty(), Keys.read(directory), server));
  }

  private static RunningProgram launch(Path directory, Keys keys) {
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
    server.awaitReady(START, () -> answers(keys.port));
    return server;
  }

  /** {@code http://127.0.0.1:PORT} */
  public String endpoint() {
    return "http://127.0.0.1:" + keys.port;
  }

  public String accessKey() {
    return keys.accessKey;
  }

  public String secretKey() {
    return keys.secretKey;
  }

  @Override
  RunningProgram launch() {
    return launch(directory(), keys);
  }

  /**
   * Starts the server again with another secret of its account, as after somebody changed it:
   * {@link #restart} takes that back.
   */
  public void restartWithSecret(String secret) {
    restart(() -> launch(directory(), new Keys(keys.port, keys.accessKey, secret)));
  }

  /**
   * Healthy, and past its initialization: it then refuses, rather than fails, a request without a
   * key.
   */
  private static boolean answers(int port) {
    try {
      return status(port, "/minio/health/ready") == 200 && status(port, "/") == 403;
    } catch (IOException e) {
      return false;
    }
  }

  private static int status(int port, String path) throws IOException {
    var url = URI.create("http://127.0.0.1:" + port + path).toURL();
    var connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(1000);
    connection.setReadTimeout(1000);
    return connection.getResponseCode();
  }
}
