package io.juicebox.controller.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.TestingMount;
import io.juicebox.controller.meta.Garbage.DeletedFiles;
import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.meta.Usage;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Space comes back, as a real juicefs sees it. */
@Tag("real")
class CollectionTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static TestingRedis redis;
  private static TestingMinio minio;

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(64);
    minio = TestingMinio.start();
    try (var store = new S3ObjectStore(TestingBackend.of(minio), Duration.ofSeconds(8))) {
      await()
          .ignoreExceptionsInstanceOf(BackendUnavailable.class)
          .until(() -> store.find("juicebox"), ObjectStore.Bucket.ABSENT::equals);
    }
  }

  @AfterAll
  static void stop() {
    minio.close();
    redis.close();
  }

  @Test
  void blocksOfDeletedFilesGoWhileOthersAreUsed() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      TestingMount mount = volume.mount();
      write(mount.root().resolve("large"), (9 << 20) + 5);
      write(mount.root().resolve("kept"), 5000);
      assertThat(volume.blocks()).hasSize(4);
      Files.delete(mount.root().resolve("large"));
      await().atMost(SOON).until(() -> volume.cli("ZCARD", "delfiles").equals("0"));

      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);

      assertThat(volume.blocks()).hasSize(1);
      assertThat(volume.cli("HLEN", "sliceRef")).isEqualTo("0");
      assertThat(volume.metric("freed")).isEqualTo((9 << 20) + 5);
      assertThat(Files.readAllBytes(mount.root().resolve("kept"))).hasSize(5000);
      mount.end();
      volume.fsck();
    }
  }

  @ParameterizedTest
  @EnumSource(CollectorStep.class)
  void aCrashAtAnyStepIsRepaired(CollectorStep where) throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      TestingMount mount = volume.mount();
      write(mount.root().resolve("file"), 5000);
      Files.delete(mount.root().resolve("file"));
      mount.end();

      assertThatThrownBy(() -> volume.turn(crash(where))).hasMessage("crash");
      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);
      assertThat(volume.blocks()).isEmpty();
      assertThat(volume.cli("EXISTS", "sliceRef", "delfiles")).isEqualTo("0");
    }
  }

  private static Steps crash(CollectorStep where) {
    return step -> {
      if (step == where) {
        throw new IllegalStateException("crash");
      }
    };
  }

  @Test
  void aVolumeThatFailsHoldsUpNoOther() throws Exception {
    try (var before = new TestingVolume(redis, minio, 0);
        var failing = new TestingVolume(redis, minio, 0);
        var after = new TestingVolume(redis, minio, 0)) {
      for (var volume : List.of(before, failing, after)) {
        TestingMount mount = volume.mount();
        write(mount.root().resolve("file"), 5000);
        Files.delete(mount.root().resolve("file"));
        mount.end();
      }
      String record = "volume:" + failing.record.id();
      redis.cli(1, "HSET", record, "bucket", "no-such-bucket");
      after.pass();
      assertThat(before.blocks()).isEmpty();
      assertThat(failing.blocks()).hasSize(1);
      assertThat(after.blocks()).isEmpty();
      assertThat(after.metric("failures")).isEqualTo(1);
      assertThat(after.marks.sinceCollected()).isPresent();

      redis.cli(1, "HSET", record, "bucket", failing.record.bucket());
      after.pass();
      assertThat(failing.blocks()).isEmpty();
    }
  }

  @Test
  void slicesOfOtherMembersAreLeftAlone() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      var _ = volume.cli("HSET", "sliceRef", "k2000000000000_5", "-1", "k999999999999_5", "-1");
      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);
      assertThat(volume.cli("HLEN", "sliceRef")).isEqualTo("2");
    }
  }

  @Test
  void deletingFilesAtTheSameTimeAsAMountCountsNothingTwice() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      TestingMount mount = volume.mount();
      int files = 200;
      for (int i = 0; i < files; i++) {
        write(mount.root().resolve("file" + i), 10);
      }
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var deleting =
            threads.submit(() -> {
              for (int i = 0; i < files; i++) {
                Files.delete(mount.root().resolve("file" + i));
              }
              return files;
            });
        while (!deleting.isDone()) {
          var _ =
              volume.garbage.deleteFiles(
                  volume.record.number(),
                  volume.record.context().orElseThrow().uuid(),
                  DeletedFiles.BEGIN);
        }
        deleting.get();
      }
      await().atMost(SOON).until(() -> volume.cli("ZCARD", "delfiles").equals("0"));
      assertThat(volume.cli("HVALS", "sliceRef").lines()).hasSize(files).containsOnly("-1");
      mount.end();
      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);
      assertThat(volume.blocks()).isEmpty();
    }
  }

  @Test
  void aDeadClientsSessionEndsWithItsLocksAndOpenFiles() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      TestingMount mount = volume.mount();
      write(mount.root().resolve("open"), 5000);
      write(mount.root().resolve("kept"), 1);
      try (var program = hold(mount.root())) {
        await().atMost(SOON).until(() -> volume.cli("SCARD", "session1").equals("1"));
        assertThat(volume.cli("EXISTS", "locked1")).isEqualTo("1");
        mount.kill();
        program.process().destroyForcibly();
      }
      var _ = volume.cli("HSET", "lockf99", "77_0000000000000001", "W");
      var _ = volume.cli("SADD", "locked1", "lockf99");
      expire(volume, Instant.now().getEpochSecond() + 60);
      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);
      assertThat(volume.cli("EXISTS", "locked1", "session1")).isEqualTo("2");

      expire(volume, 1);
      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);
      assertThat(volume.cli("EXISTS", "allSessions", "sessionInfos", "locked1", "session1"))
          .isEqualTo("0");
      assertThat(volume.cli("KEYS", "lock*")).isEqualTo("lockf99");
      assertThat(volume.metadata.usage(volume.record.number())).isEqualTo(new Usage(4096, 1));
      assertThat(volume.blocks()).hasSize(1);
      volume.fsck();
    }
  }

  private record Holder(Process process) implements AutoCloseable {
    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** A program that has a file open, locked and without a name. */
  private static Holder hold(Path root) throws IOException {
    String script = "exec 9<>\"$1/open\"; flock 9; rm \"$1/open\"; exec sleep 1000";
    return new Holder(new ProcessBuilder("sh", "-c", script, "sh", root.toString()).start());
  }

  private static void expire(TestingVolume volume, long second) {
    var _ = volume.cli("ZADD", "allSessions", Long.toString(second), "1");
  }

  @Test
  void theTrashIsEmptiedOfWhatIsOldEnough() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 1)) {
      TestingMount mount = volume.mount();
      Path root = mount.root();
      write(root.resolve("file"), 5000);
      write(root.resolve("kept"), 1);
      Files.createLink(root.resolve("link"), root.resolve("kept"));
      Files.createSymbolicLink(root.resolve("symbolic"), Path.of("kept"));
      Files.createDirectory(root.resolve("empty"));
      for (String name : new String[] {"file", "link", "symbolic", "empty"}) {
        Files.delete(root.resolve(name));
      }
      mount.end();
      assertThat(volume.turn().progress()).isEqualTo(Progress.NOTHING_LEFT);
      assertThat(volume.blocks()).hasSize(2); // it is too young

      age(volume);
      assertThat(volume.turn().progress()).isEqualTo(Progress.NOTHING_LEFT);
      assertThat(volume.blocks()).hasSize(1);
      assertThat(volume.cli("EXISTS", "d9223372032828243968", "delfiles")).isEqualTo("0");
      assertThat(volume.metadata.usage(volume.record.number())).isEqualTo(new Usage(4096, 1));

      TestingMount again = volume.mount();
      Path kept = again.root().resolve("kept");
      assertThat(Files.readAllBytes(kept)).hasSize(1);
      assertThat(Files.getAttribute(kept, "unix:nlink")).isEqualTo(1);
      again.end();
      volume.fsck();
    }
  }

  /** What lies in the trash has lain there for years. */
  private static void age(TestingVolume volume) {
    var _ =
        volume.cli(
            "EVAL",
            """
            local hours = redis.call('HGETALL', 'd9223372032828243968')
            for i = 1, #hours, 2 do
              redis.call('HDEL', 'd9223372032828243968', hours[i])
              redis.call('HSET', 'd9223372032828243968', '2020-01-01-0' .. i, hours[i + 1])
            end
            """,
            "0");
  }

  @Test
  void blocksThatNothingNamesAreFound() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      TestingMount mount = volume.mount();
      write(mount.root().resolve("kept"), 5000);
      Path lost = mount.root().resolve("lost");
      write(lost, (4 << 20) + 1);
      Object inode = Files.getAttribute(lost, "unix:ino");
      mount.end();
      String kept = volume.blocks().getFirst();
      // as if the client had died before it could name the slice
      var _ = volume.cli("DEL", "c" + inode + "_0");
      assertThat(volume.cli("KEYS", "c*_*").lines()).hasSize(1);

      volume.sweep(Duration.ofHours(1)); // from now on the volume waits for its turn
      volume.sweep(Duration.ofHours(1));
      assertThat(volume.blocks()).hasSize(3); // they are too young

      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            volume.sweep(Duration.ofSeconds(1));
            assertThat(volume.blocks()).containsExactly(kept);
          });
      assertThat(volume.metric("freed")).isEqualTo((4 << 20) + 1);
    }
  }

  @Test
  void aVolumeThatIsBeingRemovedIsLeftAlone() throws Exception {
    try (var volume = new TestingVolume(redis, minio, 0)) {
      TestingMount mount = volume.mount();
      write(mount.root().resolve("file"), 5000);
      mount.end();
      var _ = volume.cli("DEL", "setting");
      volume.sweep(Duration.ofMillis(1));
      volume.sweep(Duration.ofMillis(1));
      assertThat(volume.turn()).isEqualTo(VolumeTurn.Left.NOTHING);
      assertThat(volume.blocks()).hasSize(1);
    }
  }

  private static void write(Path file, int bytes) throws IOException {
    var content = new byte[bytes];
    Arrays.fill(content, (byte) 7);
    Files.write(file, content);
  }
}
