package io.juicebox.node.mount;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Volumes that are formatted for real, on a real Redis and MinIO of this JVM. */
public final class TestingVolumes implements AutoCloseable {
  private static final String BUCKET = "juicebox";
  private static final Pattern FORMATTED_UUID = Pattern.compile("\"UUID\": \"([0-9a-f-]{36})\"");

  public final TestingRedis redis = TestingRedis.start();
  public final TestingMinio minio = TestingMinio.start();
  private final AtomicInteger next = new AtomicInteger(Number.FIRST_VOLUME.value());

  public TestingVolumes() {
    try {
      client().makeBucket(MakeBucketArgs.builder().bucket(BUCKET).build());
    } catch (Exception e) {
      throw new IllegalStateException("can't make the bucket", e);
    }
  }

  /** A new volume, and what a node is told to mount it. */
  public MountRequest create() {
    VolumeId volume = VolumeId.random(new BackendName("default"));
    Number number = new Number(next.getAndIncrement());
    Lineage lineage = Lineage.startedBy(volume);
    UUID uuid = format(number, lineage);
    putOwner(lineage);
    var mount =
        new MountParameters(
            1L << 30,
            Optional.empty(),
            64L << 20,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            false);
    var context = new VolumeContext(number, lineage, uuid, BUCKET, CacheClass.SINGLE, mount);
    return new MountRequest(
        volume, context, backend(), MountOptions.none(), Deadline.after(Duration.ofSeconds(30)));
  }

  public BackendConnection backend() {
    return BackendConnection.from(
        "secrets",
        Map.of(
            "redis-address", redis.address(),
            "redis-password", redis.password(),
            "object-endpoint", minio.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey()));
  }

  public static MountSettings settings(TestDirectory directory) {
    return new MountSettings(
        directory.path().resolve("state"),
        directory.path().resolve("cache"),
        directory.path().resolve("run"),
        Tools.program("juicefs").toString(),
        "node-of-the-test",
        Duration.ofSeconds(5),
        512L << 20,
        Duration.ofMinutes(5),
        Duration.ofMinutes(2));
  }

  /** A new one each time: kept connections break when a test restarts the server. */
  private MinioClient client() {
    return MinioClient.builder()
        .endpoint(minio.endpoint())
        .credentials(minio.accessKey(), minio.secretKey())
        .build();
  }

  private void putOwner(Lineage lineage) {
    try {
      var content = new ByteArrayInputStream(lineage.value().getBytes(StandardCharsets.UTF_8));
      client()
          .putObject(
              PutObjectArgs.builder().bucket(BUCKET).object(lineage.ownerKey()).stream(
                      content, content.available(), -1)
                  .build());
    } catch (Exception e) {
      throw new IllegalStateException("can't put the owner object", e);
    }
  }

  private UUID format(Number number, Lineage lineage) {
    var builder =
        new ProcessBuilder(
                List.of(
                    Tools.program("juicefs").toString(),
                    "format",
                    "--storage",
                    "minio",
                    "--bucket",
                    "http://127.0.0.1:1/elsewhere", // the mount takes the address of its call
                    "--trash-days",
                    "0",
                    "--capacity",
                    "1073741824B",
                    redis.address() + "/" + number,
                    lineage.value()))
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"));
    builder
        .environment()
        .putAll(Map.of("META_PASSWORD", redis.password(), "JFS_NO_CHECK_OBJECT_STORAGE", "1"));
    try {
      String said =
          new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher uuid = FORMATTED_UUID.matcher(said);
      if (!uuid.find()) {
        throw new IllegalStateException(said);
      }
      return UUID.fromString(uuid.group(1));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    minio.close();
    redis.close();
  }
}
