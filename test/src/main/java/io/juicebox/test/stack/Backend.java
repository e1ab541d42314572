package io.juicebox.test.stack;

import io.juicebox.test.server.SecretFile;
import io.juicebox.test.server.TestingAuthority;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.minio.admin.MinioAdminClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One backend of the stack: a Redis and a MinIO under a name.
 *
 * @param bucket the bucket that volumes share
 * @param authority who has certified both, when they speak TLS
 */
public record Backend(
    String name,
    TestingRedis redis,
    TestingMinio minio,
    String bucket,
    Optional<TestingAuthority> authority) {
  private static final int DATABASES = 4096;
  private static final String BUCKET = "juicebox";

  /** Starts the servers in the directory {@code <home>/<name>}; they outlive this JVM. */
  static Backend start(Path home, String name) {
    try {
      var directory = Files.createDirectory(home.resolve(name));
      return new Backend(
          name,
          TestingRedis.startIn(directory, DATABASES),
          TestingMinio.startIn(directory),
          BUCKET,
          Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #start(Path, String)}, both with TLS, and Redis with client certificates. */
  static Backend start(Path home, String name, TestingAuthority authority) {
    try {
      var directory = Files.createDirectory(home.resolve(name));
      return new Backend(
          name,
          TestingRedis.startIn(directory, DATABASES, authority),
          TestingMinio.startIn(directory, authority),
          BUCKET,
          Optional.of(authority));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The backend that an earlier JVM started; empty if it doesn't run. */
  static Optional<Backend> find(Path home, String name) {
    var directory = home.resolve(name);
    return TestingRedis.find(directory)
        .flatMap(redis ->
            TestingMinio.find(directory)
                .map(minio -> new Backend(name, redis, minio, BUCKET, Optional.empty())));
  }

  /** An administrator's client of the object store's API for accounts. */
  public MinioAdminClient accounts() {
    return MinioAdminClient.builder()
        .endpoint(minio.endpoint())
        .region("us-east-1")
        .credentials(minio.accessKey(), minio.secretKey())
        .build();
  }

  /** The administrator's keys, as a node-publish secret has them. */
  public Map<String, String> secrets() {
    var keys = new TreeMap<String, String>();
    keys.put("redis-address", redis.address());
    keys.put("redis-password", redis.password());
    keys.put("object-endpoint", minio.endpoint());
    keys.put("object-access-key", minio.accessKey());
    keys.put("object-secret-key", minio.secretKey());
    authority.ifPresent(known -> {
      var client = known.identity("juicebox", "dns:juicebox");
      keys.put("redis-ca", known.certificateText());
      keys.put("redis-certificate", client.certificateText());
      keys.put("redis-key", client.keyText());
      keys.put("object-ca", known.certificateText());
    });
    return keys;
  }

  /** Writes the controller's settings of this backend, one file for each key. */
  void writeKeys(Path backends) {
    var keys = new TreeMap<>(secrets());
    keys.put("bucket", bucket);
    try {
      var directory = Files.createDirectories(backends.resolve(name));
      for (var key : keys.entrySet()) {
        var file = directory.resolve(key.getKey());
        Files.deleteIfExists(file);
        Files.writeString(Files.createFile(file, SecretFile.MODE), key.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
