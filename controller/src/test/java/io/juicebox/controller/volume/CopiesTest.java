package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Snapshots, clones and restores on a real Redis and MinIO: who is there, and what is left. */
@Tag("real")
class CopiesTest {
  private static TestingRedis redis;
  private static TestingMinio minio;
  private static MinioClient s3;
  private static TestingController controller;

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(100);
    minio = TestingMinio.start();
    s3 =
        MinioClient.builder()
            .endpoint(minio.endpoint())
            .credentials(minio.accessKey(), minio.secretKey())
            .build();
    controller = new TestingController(redis, minio);
  }

  @AfterEach
  void empty() throws InterruptedException {
    controller.heal();
    snapshots().forEach(CopiesTest::delete);
    controller.volumes.list("", 0).volumes().forEach(controller::delete);
    await().until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    redis.cli(1, "DEL", "rest");
    assertNothingIsLeft();
  }

  @AfterAll
  static void stop() {
    controller.close();
    minio.close();
    redis.close();
  }

  @Test
  void aSnapshotIsAnObjectOfItsLineage() {
    VolumeRecord source = controller.create("golden");
    SnapshotRecord snapshot = snapshot("first", source);

    assertThat(snapshot.state()).isEqualTo(State.READY);
    assertThat(snapshot.source()).isEqualTo(source.id());
    assertThat(snapshot.lineage()).isEqualTo(source.lineage());
    assertThat(snapshot.capacity()).isEqualTo(source.capacity());
    assertThat(snapshot.created()).isPresent();
    assertThat(objects("snapshots/" + source.lineage() + "/" + snapshot.id())).isOne();
    assertThat(snapshot("first", source)).isEqualTo(snapshot);
    assertThat(controller.snapshots.get(snapshot.id().value())).isEqualTo(snapshot);

    VolumeRecord other = controller.create("other");
    assertThatThrownBy(() -> snapshot("first", other))
        .isInstanceOf(AlreadyExists.class)
        .hasMessageContaining(snapshot.id().value());
  }

  @Test
  void copiesAreMembersOfTheirSourcesLineage() {
    VolumeRecord source = controller.create("golden", Map.of("blockSize", "1Mi"));
    SnapshotRecord snapshot = snapshot("first", source);
    VolumeRecord restored = controller.create.create(restore("restored", snapshot), soon());
    VolumeRecord cloned = controller.create.create(clone("cloned", restored), soon());

    assertThat(List.of(restored, cloned))
        .allSatisfy(copy -> {
          assertThat(copy.lineage()).isEqualTo(source.lineage());
          assertThat(copy.capacity()).isEqualTo(source.capacity());
          assertThat(copy.bucket()).isEqualTo(source.bucket());
          assertThat(copy.context().orElseThrow().uuid())
              .isNotEqualTo(source.context().orElseThrow().uuid());
          assertThat(redis.cli(copy.number().value(), "GET", "setting"))
              .contains("\"BlockSize\":1024");
        });
    assertThat(restored.member()).isEqualTo(new Member(2));
    assertThat(cloned.member()).isEqualTo(new Member(3));
    assertThat(cloned.origin()).contains(restored.asOrigin());
    assertThat(redis.cli(cloned.number().value(), "GET", "nextchunk")).isEqualTo("3000000000000");
    assertThat(redis.cli(1, "EXISTS", "copies:" + source.lineage())).isEqualTo("0");
  }

  @Test
  void aCopyIsAnsweredWhateverBecameOfItsSource() {
    VolumeRecord source = controller.create("golden");
    VolumeRequest request = clone("cloned", source);
    VolumeRecord copy = controller.create.create(request, soon());
    controller.delete(source);
    assertThat(controller.create.create(request, soon())).isEqualTo(copy);
    assertThatThrownBy(() -> controller.create.create(clone("another", source), soon()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining(source.id().value());
    assertThatThrownBy(() -> snapshot("late", source)).isInstanceOf(NotFound.class);
  }

  @Test
  void whatCannotBeOtherwiseIsRefused() {
    VolumeRecord source = controller.create("golden");
    assertThatThrownBy(() -> create(source, Map.of("blockSize", "1Mi"), 0))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("parameters.blockSize is 1048576, but");
    assertThatThrownBy(() -> create(source, Map.of("compression", "zstd"), 0))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("parameters.compression is zstd");
    assertThatThrownBy(() -> create(source, Map.of("bucketMode", "dedicated"), 0))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> create(source, Map.of(), TestingController.GIB / 2))
        .isInstanceOf(OutOfRange.class)
        .hasMessageStartingWith("capacity_range");
    assertThat(create(source, Map.of("blockSize", "4Mi"), 2 * TestingController.GIB).capacity())
        .isEqualTo(new Capacity(2 * TestingController.GIB));
  }

  @Test
  void aSourceIsNotDeletedWhileACopyIsMade() {
    VolumeRecord source = controller.create("golden");
    SnapshotRecord snapshot = snapshot("first", source);
    controller.at(
        ControllerStep.CREATE_READ,
        () -> {
          controller.heal();
          assertThatThrownBy(() -> controller.delete(source))
              .isInstanceOf(OperationPending.class)
              .hasMessageContaining("copy");
        });
    var _ = controller.create.create(clone("cloned", source), soon());
    controller.at(
        ControllerStep.CREATE_READ,
        () -> {
          controller.heal();
          assertThatThrownBy(() -> delete(snapshot)).isInstanceOf(OperationPending.class);
        });
    var _ = controller.create.create(restore("restored", snapshot), soon());
    controller.at(
        ControllerStep.SNAPSHOT_READ,
        () -> {
          controller.heal();
          assertThatThrownBy(() -> controller.delete(source)).isInstanceOf(OperationPending.class);
        });
    var _ = snapshot("second", source);
    controller.delete(source);
    delete(snapshot);
  }

  @Test
  void theLastRelativeTakesTheBlocks() {
    VolumeRecord source = controller.create("golden", Map.of("bucketMode", "dedicated"));
    SnapshotRecord snapshot = snapshot("first", source);
    VolumeRecord copy = controller.create.create(restore("restored", snapshot), soon());
    controller.delete(source);
    assertThat(Leftovers.objects(s3, copy.bucket(), "")).isEqualTo(2); // owner and snapshot
    controller.delete(copy);
    assertThat(Leftovers.objects(s3, copy.bucket(), "")).isEqualTo(2);
    assertThat(controller.create.create(restore("again", snapshot), soon()).member())
        .isEqualTo(new Member(3));
    delete(snapshot);
    assertThat(Leftovers.objects(s3, copy.bucket(), "")).isOne();
  }

  @Test
  void aSnapshotThatIsDamagedIsNotRestored() throws Exception {
    VolumeRecord source = controller.create("golden");
    SnapshotRecord snapshot = snapshot("first", source);
    String key = snapshot.object().orElseThrow();
    byte[] whole = object(key);
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    put(key, damaged);
    for (int call = 0; call < 2; call++) {
      assertThatThrownBy(() -> controller.create.create(restore("restored", snapshot), soon()))
          .isInstanceOf(Failed.class)
          .hasMessageContaining("damaged")
          .hasMessageContaining(snapshot.id().value());
      assertThat(redis.cli(1, "KEYS", "volume:*")).isEqualTo("volume:" + source.id());
      assertThat(redis.cli(1, "EXISTS", "copies:" + source.lineage(), "creating", "deleting"))
          .isEqualTo("0");
      assertThat(databases()).containsExactly("db1", "db" + source.number());
      assertThat(objects("")).isEqualTo(2); // owner and snapshot
    }
    assertThat(snapshots()).containsExactly(snapshot);

    put(key, whole);
    VolumeRecord restored = controller.create.create(restore("restored", snapshot), soon());
    assertThat(restored.lineage()).isEqualTo(source.lineage());
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"SNAPSHOT_INTENT", "SNAPSHOT_READ", "SNAPSHOT_WRITTEN", "SNAPSHOT_READY"})
  void aSnapshotThatFailedIsFinishedByTheNextCall(ControllerStep step) {
    VolumeRecord source = controller.create("golden");
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> snapshot("first", source)).isInstanceOf(BackendUnavailable.class);
    String begun = redis.cli(1, "HGET", "snapshotNames", "first");
    controller.heal();
    assertThat(snapshot("first", source).id()).hasToString(begun);
    assertThat(snapshots()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"SNAPSHOT_INTENT", "SNAPSHOT_READ", "SNAPSHOT_WRITTEN"})
  void aSnapshotThatNobodyCameBackToIsUndone(ControllerStep step) {
    VolumeRecord source = controller.create("golden");
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> snapshot("first", source)).isInstanceOf(BackendUnavailable.class);
    controller.failAt(step, () -> new Failed("test"));
    assertThatThrownBy(() -> snapshot("second", source)).isInstanceOf(Failed.class);
    controller.heal();
    assertThat(redis.cli(1, "HKEYS", "snapshotNames")).isEqualTo("first");
    await().until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    controller.delete(source);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "SNAPSHOT_(BURIED|REMOVED|LEFT|FORGOTTEN)")
  void aDeletionThatFailedIsFinishedByTheNextCallOrTheSweeper(ControllerStep step)
      throws Exception {
    VolumeRecord source = controller.create("golden");
    SnapshotRecord first = snapshot("first", source);
    SnapshotRecord second = snapshot("second", source);
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> delete(first)).isInstanceOf(BackendUnavailable.class);
    assertThatThrownBy(() -> delete(second)).isInstanceOf(BackendUnavailable.class);
    controller.heal();
    delete(first);
    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.NOT);
    controller.delete(source);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"CREATE_INTENT", "CREATE_FORMATTED", "CREATE_READ", "CREATE_PREPARED"})
  void aCopyThatFailedIsFinishedByTheNextCallOrUndone(ControllerStep step) {
    VolumeRecord source = controller.create("golden");
    SnapshotRecord snapshot = snapshot("first", source);
    for (VolumeRequest request : List.of(clone("a", source), restore("b", snapshot))) {
      controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
      assertThatThrownBy(() -> controller.create.create(request, soon()))
          .isInstanceOf(BackendUnavailable.class);
      controller.heal();
      assertThat(controller.create.create(request, soon()).lineage()).isEqualTo(source.lineage());
    }
    controller.failAt(step, () -> new Failed("test"));
    assertThatThrownBy(() -> controller.create.create(clone("c", source), soon()))
        .isInstanceOf(Failed.class);
    controller.heal();
    assertThat(redis.cli(1, "EXISTS", "copies:" + source.lineage())).isEqualTo("0");
    assertThat(controller.volumes.list("", 0).volumes()).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "DELETE_(?!USER|ACCOUNT|CREDENTIALS|BUCKET).*")
  void aRelativesDeletionThatFailedIsFinished(ControllerStep step) {
    VolumeRecord source = controller.create("golden");
    VolumeRecord copy = controller.create.create(clone("cloned", source), soon());
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    for (VolumeRecord volume : List.of(source, copy)) {
      try {
        controller.delete(volume);
      } catch (BackendUnavailable e) {
        assertThat(e).hasMessageContaining("test");
      }
    }
    controller.heal();
    await().until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    redis.cli(1, "DEL", "rest");
    assertNothingIsLeft();
  }

  @Test
  void manyAreMadeAtOnce() throws Exception {
    VolumeRecord source = controller.create("golden");
    SnapshotRecord snapshot = snapshot("first", source);
    List<Callable<VolumeRecord>> calls =
        IntStream.range(0, 8)
            .<Callable<VolumeRecord>>mapToObj(i ->
                () ->
                    TestingController.repeatedly(() ->
                        controller.create.create(restore("sandbox-" + i / 2, snapshot), soon())))
            .toList();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var made = threads.invokeAll(calls).stream().map(Future::resultNow).distinct().toList();
      assertThat(made).hasSize(4).extracting(VolumeRecord::member).doesNotHaveDuplicates();
    }
  }

  @Test
  void snapshotsAreListedInPages() {
    VolumeRecord source = controller.create("golden");
    VolumeRecord other = controller.create("other");
    List<VolumeId> own =
        IntStream.range(0, 5).mapToObj(i -> snapshot("s" + i, source).id()).sorted().toList();
    VolumeId others = snapshot("of-another", other).id();
    controller.delete(other);

    var page = controller.snapshots.list("", source.id().value(), "", 3);
    assertThat(page.snapshots()).extracting(SnapshotRecord::id).isEqualTo(own.subList(0, 3));
    assertThat(
            controller
                .snapshots
                .list("", source.id().value(), page.next().orElseThrow().value(), 3)
                .snapshots())
        .extracting(SnapshotRecord::id)
        .isEqualTo(own.subList(3, 5));
    assertThat(controller.snapshots.list("", other.id().value(), "", 0).snapshots())
        .extracting(SnapshotRecord::id)
        .containsExactly(others);
    assertThat(snapshots()).hasSize(6);
    assertThat(controller.snapshots.list(others.value(), source.id().value(), "", 0).snapshots())
        .isEmpty();
    assertThat(controller.snapshots.list("no id", "", "", 0).snapshots()).isEmpty();
  }

  private static List<SnapshotRecord> snapshots() {
    return controller.snapshots.list("", "", "", 0).snapshots();
  }

  private static SnapshotRecord snapshot(String name, VolumeRecord source) {
    return controller.createSnapshot.create(
        name, new SourceId(Origin.Kind.VOLUME, source.id().value()), soon());
  }

  private static void delete(SnapshotRecord snapshot) {
    controller.deleteSnapshot.delete(snapshot.id().value(), soon());
  }

  private static VolumeRecord create(VolumeRecord source, Map<String, String> more, long bytes) {
    VolumeRequest plain = TestingController.request("wanted", more);
    return controller.create.create(
        new VolumeRequest(
            "wanted",
            new CapacityRange(bytes, 0),
            plain.capabilities(),
            plain.parameters(),
            Optional.of(new SourceId(Origin.Kind.VOLUME, source.id().value()))),
        soon());
  }

  private static VolumeRequest clone(String name, VolumeRecord source) {
    return request(name, new SourceId(Origin.Kind.VOLUME, source.id().value()));
  }

  private static VolumeRequest restore(String name, SnapshotRecord source) {
    return request(name, new SourceId(Origin.Kind.SNAPSHOT, source.id().value()));
  }

  private static VolumeRequest request(String name, SourceId source) {
    VolumeRequest plain = TestingController.request(name, Map.of());
    return new VolumeRequest(
        name, CapacityRange.ANY, plain.capabilities(), plain.parameters(), Optional.of(source));
  }

  private static Deadline soon() {
    return TestingController.soon();
  }

  /** Those that have a key. */
  private static List<String> databases() {
    return redis
        .cli(0, "INFO", "keyspace")
        .lines()
        .filter(line -> line.startsWith("db"))
        .map(line -> line.substring(0, line.indexOf(':')))
        .toList();
  }

  private static byte[] object(String key) throws Exception {
    try (var content =
        s3.getObject(GetObjectArgs.builder().bucket("juicebox").object(key).build())) {
      return content.readAllBytes();
    }
  }

  private static void put(String key, byte[] content) throws Exception {
    s3.putObject(
        PutObjectArgs.builder().bucket("juicebox").object(key).stream(
                new ByteArrayInputStream(content), content.length, -1)
            .build());
  }

  private static int objects(String prefix) {
    return Leftovers.objects(s3, "juicebox", prefix);
  }

  private static void assertNothingIsLeft() {
    Leftovers.assertNone(redis, s3);
  }
}
