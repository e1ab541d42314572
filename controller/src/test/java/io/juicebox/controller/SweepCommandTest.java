package io.juicebox.controller;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.collector.Family;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The command {@code sweep} as a process of its own. */
@Tag("real")
class SweepCommandTest {
  private static TestingRedis redis;
  private static TestingMinio minio;
  private static Family family;
  private static TestDirectory directory;

  /** How it ended. */
  private record Ended(int code, String output) {}

  @BeforeAll
  static void start() throws IOException {
    redis = TestingRedis.start(16);
    minio = TestingMinio.start();
    try (var store = new S3ObjectStore(TestingBackend.of(minio), Duration.ofSeconds(8))) {
      await()
          .ignoreExceptionsInstanceOf(BackendUnavailable.class)
          .until(() -> store.find("juicebox"), ObjectStore.Bucket.ABSENT::equals);
    }
    family = new Family(redis, minio);
    directory = TestDirectory.create("sweep");
    Path folder = Files.createDirectories(directory.path().resolve("backends/default"));
    Map.of(
            "redis-address", redis.address(),
            "redis-password", redis.password(),
            "object-endpoint", minio.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey())
        .forEach((key, value) -> write(folder.resolve(key), value));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  static void stop() {
    directory.close();
    family.close();
    minio.close();
    redis.close();
  }

  private static Ended run(String... arguments) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "sweep"));
    command.addAll(List.of(arguments));
    var program = new ProcessBuilder(command).redirectErrorStream(true);
    program.environment().clear();
    program
        .environment()
        .putAll(
            Map.of(
                "CSI_ENDPOINT",
                "unix:///unused",
                "BACKENDS_DIR",
                directory.path().resolve("backends").toString(),
                "COPIES_DIR",
                directory.path().resolve("copies").toString(),
                "BLOCK_MIN_AGE",
                "1ms"));
    Process process = program.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), output);
  }

  @Test
  void itSaysWhatItWouldDeleteAndThenDeletesIt() throws Exception {
    VolumeRecord source = family.create("source");
    family.write(source, 5_000, "file", "kept");
    VolumeRecord fork = family.copy("fork", source.asOrigin());
    VolumeRecord alone = family.create("alone");
    family.remove(source, "file");
    family.remove(fork, "file");
    String lineage = source.lineage().value();

    Ended preview = run("--dry-run", "--all");
    assertThat(preview.output())
        .contains(
            lineage + ": would be deleted: slices 1, blocks 1, bytes 5000; too young",
            alone.lineage() + ": would be deleted: slices 0, blocks 0, bytes 0; too young");
    assertThat(preview.code()).isZero();
    assertThat(family.blocks(source.lineage())).hasSize(2);

    redis.cli(1, "SET", "claim:sweepBlocks", "another");
    Ended refused = run(lineage);
    assertThat(refused.output())
        .contains(lineage + ": nothing was deleted: another controller sweeps");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(family.blocks(source.lineage())).hasSize(2);
    redis.cli(1, "DEL", "claim:sweepBlocks");

    Ended done = run(fork.id().value(), "default-00000000000000000000");
    assertThat(done.output())
        .contains(
            lineage + ": deleted: slices 1, blocks 1, bytes 5000; too young",
            "default-00000000000000000000: failed: ");
    assertThat(done.code()).isEqualTo(1);
    assertThat(family.blocks(source.lineage())).hasSize(1);
  }

  @Test
  void itNeedsToBeToldWhich() throws Exception {
    assertThat(run("--dry-run").code()).isEqualTo(2);
  }
}
