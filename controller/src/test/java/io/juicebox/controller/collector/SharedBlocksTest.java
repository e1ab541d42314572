package io.juicebox.controller.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.meta.Slice;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.registry.Lineages.Sizes;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.ControllerStep;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks that volumes and snapshots share, made and used by the real juicefs. */
@Tag("real")
class SharedBlocksTest {
  private static final int BYTES = 5_000;
  private static final long THREE_BLOCKS = (8 << 20) + 5;
  private static final int MOST_COPIES = 20;

  private static TestingRedis redis;
  private static TestingMinio minio;
  private static Family family;

  private VolumeRecord source;
  private Lineage lineage;
  private final List<VolumeRecord> copies = new ArrayList<>();
  private final List<SnapshotRecord> snapshots = new ArrayList<>();

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(200);
    minio = TestingMinio.start();
    try (var store = new S3ObjectStore(TestingBackend.of(minio), Duration.ofSeconds(8))) {
      await()
          .ignoreExceptionsInstanceOf(BackendUnavailable.class)
          .until(() -> store.find(Family.BUCKET), ObjectStore.Bucket.ABSENT::equals);
    }
    family = new Family(redis, minio);
  }

  @AfterAll
  static void stop() {
    family.close();
    minio.close();
    redis.close();
  }

  @BeforeEach
  void makeSource() throws Exception {
    source = family.create("source");
    lineage = source.lineage();
    family.write(source, BYTES, "file", "kept");
    assertThat(family.blocks(lineage)).hasSize(2);
  }

  @AfterEach
  void nothingIsLeft() {
    family.at(step -> {});
    family.most(UnnamedSlices.MOST);
    snapshots.forEach(family::delete);
    copies.forEach(family::delete);
    family.delete(source);
    assertThat(family.keys("")).isEmpty();
    assertThat(family.registry("KEYS", "*lineage*")).isEmpty();
    assertThat(family.registry("KEYS", "relatives*")).isEmpty();
    assertThat(family.registry("KEYS", "copies*")).isEmpty();
  }

  private VolumeRecord copy(String name) {
    VolumeRecord copy = family.copy(name, source.asOrigin());
    copies.add(copy);
    return copy;
  }

  private SnapshotRecord snapshot(String name) {
    SnapshotRecord snapshot = family.snapshot(name, source);
    snapshots.add(snapshot);
    return snapshot;
  }

  private static Freed freed(int slices) {
    return new Freed(slices, slices, (long) slices * BYTES, 0, 0);
  }

  @Test
  void aSharedSliceDiesWithTheLastThatNamesIt() throws Exception {
    VolumeRecord fork = copy("fork");
    family.remove(source, "file");
    assertThat(family.cli(source, "HLEN", "sliceRef")).isEqualTo("0");
    assertThat(family.sweep(lineage)).contains(freed(0));
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.read(fork, "file")).isEqualTo(BYTES);

    family.remove(fork, "file");
    assertThat(family.cli(fork, "HLEN", "sliceRef")).isEqualTo("0");
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.sweep(lineage)).contains(freed(1));
    assertThat(family.blocks(lineage)).hasSize(1);
    assertThat(family.read(source, "kept")).isEqualTo(BYTES);
    assertThat(family.read(fork, "kept")).isEqualTo(BYTES);
    family.fsck(source);
    family.fsck(fork);
  }

  @Test
  void itOutlivesItsSource() throws Exception {
    VolumeRecord fork = copy("fork");
    family.delete(source);
    assertThat(family.sweep(lineage)).contains(freed(0));
    assertThat(family.read(fork, "file")).isEqualTo(BYTES);
    family.fsck(fork);
  }

  @Test
  void whatCameAfterTheLastCopyGoesAtOnce() throws Exception {
    VolumeRecord fork = copy("fork");
    family.write(source, BYTES, "later");
    family.write(fork, BYTES, "own");
    assertThat(family.blocks(lineage)).hasSize(4);
    family.remove(source, "later");
    family.remove(fork, "own");
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.registry("HEXISTS", "lineage:" + lineage, "wanted")).isEqualTo("0");
  }

  @Test
  void aSnapshotHoldsBlocks() throws Exception {
    SnapshotRecord snapshot = snapshot("snapshot");
    family.remove(source, "file");
    assertThat(family.sweep(lineage)).contains(freed(0));

    VolumeRecord restored = family.copy("restored", snapshot.asOrigin());
    copies.add(restored);
    assertThat(family.read(restored, "file")).isEqualTo(BYTES);
    family.fsck(restored);

    family.delete(restored);
    family.delete(snapshot);
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.sweep(lineage)).contains(freed(1));
    assertThat(family.read(source, "kept")).isEqualTo(BYTES);
  }

  @Test
  void noBlockGoesWhileASnapshotThatIsReadyCannotBeRead() throws Exception {
    SnapshotRecord snapshot = snapshot("snapshot");
    family.remove(source, "file");
    family.objects.deleteKeys(Family.BUCKET, List.of(snapshot.object().orElseThrow()));
    assertThatThrownBy(() -> family.sweep(lineage))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(snapshot.id().value());
    assertThat(family.blocks(lineage)).hasSize(2);
  }

  @Test
  void noBlockGoesWhileAVolumeThatIsReadyCannotBeRead() throws Exception {
    VolumeRecord fork = copy("fork");
    family.remove(source, "file");
    String setting = family.cli(fork, "GET", "setting");
    family.cli(fork, "DEL", "setting");
    assertThatThrownBy(() -> family.sweep(lineage))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(fork.id().value());
    assertThat(family.blocks(lineage)).hasSize(2);

    family.cli(fork, "SET", "setting", setting);
    assertThat(family.sweep(lineage)).contains(freed(0));
    assertThat(family.read(fork, "file")).isEqualTo(BYTES);
  }

  @Test
  void aTombstoneCountsAsLongAsItCanBeMounted() throws Exception {
    VolumeRecord fork = copy("fork");
    family.remove(source, "file");
    family.bury(fork);
    assertThat(family.sweep(lineage)).contains(freed(0));
    family.cli(fork, "DEL", "setting");
    assertThat(family.sweep(lineage)).contains(freed(1));
  }

  @Test
  void aCopyThatBeginsDuringASweepIsLookedAtToo() throws Exception {
    VolumeRecord before = copy("before");
    family.remove(before, "file");
    aLookFindsNothingWhileACopyIsMade();
    assertThat(family.sweep(lineage)).contains(freed(0));
    assertThat(family.read(copies.getLast(), "file")).isEqualTo(BYTES);
  }

  private void copyAndRemove() {
    try {
      copy("meanwhile");
      family.remove(source, "file");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void filesDieAndSweepsRunWhileCopiesAreMade() throws Exception {
    String[] files = IntStream.range(0, 60).mapToObj(i -> "file" + i).toArray(String[]::new);
    family.write(source, BYTES, files);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var dying =
          threads.submit(() -> {
            family.removeOneByOne(source, files);
            return files;
          });
      var sweeping =
          threads.submit(() -> {
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            int sweeps = 0;
            while (!dying.isDone() || (sweeps == 0 && System.nanoTime() - end < 0)) {
              sweeps += family.sweep(lineage).isPresent() ? 1 : 0;
            }
            return sweeps;
          });
      for (int i = 0; i < 2 || (i < MOST_COPIES && !dying.isDone()); i++) {
        copy("copy" + i);
      }
      dying.get();
      assertThat(sweeping.get()).isPositive();
    }
    assertThat(copies).hasSizeGreaterThan(1);
    copies.forEach(family::fsck);
    family.fsck(source);

    copies.forEach(family::delete);
    family.turn(source);
    assertThat(family.sweep(lineage)).isPresent();
    assertThat(family.blocks(lineage)).hasSize(2);
  }

  @Test
  void nothingGoesWhileACopyIsBeingMade() throws Exception {
    VolumeRecord before = copy("before");
    family.remove(before, "file");
    family.write(source, BYTES, "later");
    family.at(failing(ControllerStep.CREATE_READ, new OperationPending("fork")));
    assertThatThrownBy(() -> copy("fork")).isInstanceOf(OperationPending.class);
    family.at(step -> {});
    family.remove(source, "file", "later");
    assertThat(family.cli(source, "HVALS", "sliceRef").lines()).containsExactly("-1", "-1");
    assertThat(family.turn(source).progress()).isEqualTo(Progress.NOTHING_LEFT);
    assertThat(family.sweep(lineage)).isEmpty();
    assertThat(family.blocks(lineage)).hasSize(3);

    // It is read again, and has neither of the two by now.
    copy("fork");
    assertThat(family.turn(source)).isEqualTo(VolumeTurn.Left.NOTHING);
    assertThat(family.cli(source, "HLEN", "sliceRef")).isEqualTo("0");
    assertThat(family.sweep(lineage)).contains(freed(2));
    assertThat(family.read(source, "kept")).isEqualTo(BYTES);
  }

  private static Steps failing(Steps.Step where, RuntimeException failure) {
    return step -> {
      if (step.equals(where)) {
        throw failure;
      }
    };
  }

  @ParameterizedTest
  @EnumSource(SweepStep.class)
  void aCrashAtAnyStepIsRepaired(SweepStep where) throws Exception {
    VolumeRecord fork = copy("fork");
    family.remove(fork, "file");
    String stray = "snapshots/" + lineage + "/default-00000000000000000000/1";
    family.put(stray);
    family.at(failing(where, new IllegalStateException("crash")));
    assertThatThrownBy(
            () -> {
              family.remove(source, "file");
              family.sweep(lineage);
            })
        .hasMessage("crash");

    family.at(step -> {});
    family.turn(source);
    family.round(Duration.ZERO);
    assertThat(family.blocks(lineage)).hasSize(1);
    assertThat(family.keys("snapshots/")).isEmpty();
    assertThat(family.read(source, "kept")).isEqualTo(BYTES);
    family.fsck(source);
    family.fsck(fork);
  }

  @Test
  void whatIsNoObjectOfASnapshotGoesAndOthersStay() throws Exception {
    SnapshotRecord snapshot = snapshot("snapshot");
    String own = snapshot.object().orElseThrow();
    family.put(own + "9"); // of a claim that was lost
    family.put("snapshots/" + lineage + "/stray");
    assertThat(family.sweep(lineage, Duration.ofHours(1))).isPresent();
    assertThat(family.keys("snapshots/")).hasSize(3);
    assertThat(family.sweep(lineage)).isPresent();
    assertThat(family.keys("snapshots/")).containsExactly(own);
  }

  @Test
  void aPreviewChangesNothing() throws Exception {
    VolumeRecord fork = copy("fork");
    family.remove(source, "file");
    family.remove(fork, "file");
    String record = family.registry("HGETALL", "lineage:" + lineage);
    var now = new SweepNow(family.backend, Family.settings(Duration.ZERO), step -> {});
    var later = new SweepNow(family.backend, Family.settings(Duration.ofHours(1)), step -> {});

    assertThat(now.preview(lineage)).contains(freed(1));
    assertThat(later.preview(lineage)).contains(new Freed(0, 0, 0, 1, BYTES));
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.registry("HGETALL", "lineage:" + lineage)).isEqualTo(record);
    assertThat(now.all()).containsExactly(lineage);
    assertThat(now.find(fork.id())).contains(lineage);
    assertThat(now.find(source.id())).contains(lineage);
  }

  @ParameterizedTest
  @ValueSource(ints = {UnnamedSlices.MOST, 1})
  void manySlicesGoInBatchesAndParts(int most) throws Exception {
    copy("fork");
    upload(700);
    family.most(most);
    Freed all = new Freed(700, 2_100, 700 * THREE_BLOCKS, 0, 0);
    assertThat(
            new SweepNow(family.backend, Family.settings(Duration.ZERO), step -> {})
                .preview(lineage))
        .contains(all);
    assertThat(family.sweep(lineage)).contains(all);
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.backend.lineages().find(lineage).orElseThrow().sizes())
        .contains(new Sizes(2 * BYTES, 0, 0));
    family.fsck(source);
  }

  /** Slices of three blocks each that nobody names. */
  private void upload(int slices) {
    var keys = new BlockKeys(lineage);
    try (var threads = Executors.newFixedThreadPool(16, Thread.ofVirtual().factory())) {
      for (int i = 0; i < slices; i++) {
        var slice = new Slice(source.member().firstSlice() + 500_000 + 7L * i, THREE_BLOCKS);
        var _ = threads.submit(() -> keys.of(slice, 4 << 20).forEach(family::put));
      }
    }
  }

  @Test
  void aSweepGoesOnWhereItWasBrokenOff() throws Exception {
    copy("fork");
    upload(700);
    family.most(1);
    family.at(failing(SweepStep.SWEEP_REMEMBERED, new IllegalStateException("crash")));
    assertThatThrownBy(() -> family.sweep(lineage)).hasMessage("crash");
    assertThat(family.registry("HGET", "lineage:" + lineage, "sweptTo")).isNotEmpty();
    int left = family.blocks(lineage).size();
    assertThat(left).isPositive().isLessThan(1_500);

    family.at(step -> {});
    family.round(Duration.ZERO);
    assertThat(family.blocks(lineage)).hasSize(2);
    assertThat(family.registry("HEXISTS", "lineage:" + lineage, "sweptTo")).isEqualTo("0");
    assertThat(family.backend.lineages().find(lineage).orElseThrow().sizes())
        .contains(new Sizes(2 * BYTES, 0, 0));
  }

  @Test
  void aMemberCannotHarmItsRelatives() throws Exception {
    VolumeRecord hostile = copy("hostile");
    String theirs = sliceOf(family.blocks(lineage).getFirst());
    family.cli(hostile, "HSET", "sliceRef", "k" + theirs + "_" + BYTES, "-1");
    family.cli(hostile, "HSET", "sliceRef", "k" + theirs + "_999999999", "-1");
    family.cli(hostile, "HSET", "sliceRef", "k3000000000000_5", "-7", "odd", "-1");
    family.cli(hostile, "SET", "nextchunk", "5");
    family.cli(hostile, "RPUSH", "c77_0", "too short");
    family.put(lineage.prefix() + "chunks/2000000/2000000000/" + theirs + "_0_" + BYTES);
    family.put(lineage.prefix() + "chunks/2000000/2000000000/2000000000000_0_999999999999999999");
    family.turn(hostile);
    assertThat(family.cli(hostile, "HKEYS", "sliceRef")).isEqualTo("odd");
    assertThat(family.sweep(lineage).orElseThrow().slices()).isEqualTo(1); // its own
    assertThat(family.read(source, "file")).isEqualTo(BYTES);
    assertThat(family.read(source, "kept")).isEqualTo(BYTES);
    family.fsck(source);
  }

  private static String sliceOf(String key) {
    return key.replaceAll(".*/(\\d+)_\\d+_\\d+", "$1");
  }

  @Test
  void eachLineageHasItsSizes() throws Exception {
    VolumeRecord fork = copy("fork");
    family.write(fork, BYTES, "own");
    family.write(fork, BYTES, "other");
    family.sweep(lineage);
    assertThat(family.backend.lineages().find(lineage).orElseThrow().sizes())
        .contains(new Sizes(2 * BYTES, 2 * BYTES, 0));

    family.remove(source, "file");
    family.remove(fork, "file");
    family.sweep(lineage, Duration.ofHours(1));
    family.round(Duration.ofHours(1));
    assertThat(family.gauge(lineage, "shared")).isEqualTo(BYTES);
    assertThat(family.gauge(lineage, "private")).isEqualTo(2 * BYTES);
    assertThat(family.gauge(lineage, "reclaimable")).isEqualTo(BYTES);

    family.delete(fork);
    family.delete(source);
    family.round(Duration.ofHours(1));
    assertThat(family.meters.find("juicebox.controller.lineage").gauges()).isEmpty();
  }

  @Test
  void whatIsWantedIsSweptOnceItIsOldEnough() throws Exception {
    VolumeRecord fork = copy("fork");
    Duration age = Duration.ofSeconds(3);
    family.round(age); // from now on it waits
    family.write(fork, BYTES, "young");
    family.remove(source, "file");
    family.delete(fork);
    family.round(Duration.ofHours(1)); // it is too early for another one
    assertThat(family.blocks(lineage)).hasSize(3);

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          family.round(age);
          assertThat(family.blocks(lineage)).hasSize(1);
        });
    assertThat(family.read(source, "kept")).isEqualTo(BYTES);
  }

  @Test
  void aCopyOfAVolumeThatIsBeingSweptAloneIsLookedAtToo() throws Exception {
    aLookFindsNothingWhileACopyIsMade();
    assertThat(family.read(copies.getLast(), "file")).isEqualTo(BYTES);
  }

  /** It is made when the relatives are known, and the first of them is about to be looked at. */
  private void aLookFindsNothingWhileACopyIsMade() throws Exception {
    var once = new AtomicBoolean();
    var part =
        family.look(
            lineage,
            () -> {
              if (once.compareAndSet(false, true)) {
                copyAndRemove();
              }
              return true;
            });
    assertThat(once).isTrue();
    assertThat(part.orElseThrow().garbage()).isEmpty();
  }
}
