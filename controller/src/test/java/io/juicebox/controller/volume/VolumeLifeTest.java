package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.controller.volume.VolumeHealth.Cause;
import io.juicebox.controller.volume.VolumeHealth.Condition;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.BadToken;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * Volumes on a real Redis and MinIO, made by the real juicefs. Their keys are shared: those that
 * have their own are in {@link OwnCredentialsTest}.
 */
@Tag("real")
class VolumeLifeTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static TestingRedis redis;
  private static TestingMinio minio;
  private static MinioClient s3;
  private static TestingController controller;
  private static TestingController replica;

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(500);
    minio = TestingMinio.start();
    s3 =
        MinioClient.builder()
            .endpoint(minio.endpoint())
            .credentials(minio.accessKey(), minio.secretKey())
            .build();
    controller = new TestingController(redis, minio);
    replica = new TestingController(redis, minio);
  }

  @AfterEach
  void empty() throws InterruptedException {
    controller.heal();
    for (VolumeRecord volume : controller.volumes.list("", 0).volumes()) {
      redis.cli(volume.number().value(), "DEL", "allSessions");
      controller.delete(volume);
    }
    controller.sweeper.sweep();
    redis.cli(1, "DEL", "rest");
    assertNothingIsLeft();
  }

  @AfterAll
  static void stop() {
    controller.close();
    replica.close();
    minio.close();
    redis.close();
  }

  @Test
  void aVolumeIsAFilesystemOfItsOwn() {
    VolumeRecord volume =
        controller.create("pvc-1", Map.of("uid", "1000", "gid", "2000", "mode", "0750"));

    assertThat(volume.state()).isEqualTo(State.READY);
    assertThat(volume.capacity()).isEqualTo(new Capacity(TestingController.GIB));
    var setting = controller.backend.metadata().setting(volume.number()).orElseThrow();
    assertThat(setting.name()).isEqualTo(volume.id().value());
    assertThat(setting.capacity()).isEqualTo(TestingController.GIB);
    assertThat(setting.uuid()).isEqualTo(volume.context().orElseThrow().uuid());
    assertThat(redis.cli(volume.number().value(), "GET", "nextchunk")).isEqualTo("1000000000000");
    assertThat(objects(volume)).isEqualTo(1);
    assertThat(controller.volumes.get(volume.id().value())).isEqualTo(volume);
  }

  @Test
  void theSameRequestAnswersTheSameVolume() {
    assertThat(controller.create("pvc-1")).isEqualTo(controller.create("pvc-1"));
  }

  @Test
  void anotherRequestOfTheSameNameIsRefused() {
    VolumeRecord volume = controller.create("pvc-1");
    assertThatThrownBy(() -> controller.create("pvc-1", Map.of("uid", "7")))
        .isInstanceOf(AlreadyExists.class)
        .hasMessageContaining(volume.id().value());
  }

  @Test
  void manyCallsAtOnceMakeOneVolume() throws Exception {
    List<Callable<VolumeRecord>> calls =
        IntStream.range(0, 8)
            .<Callable<VolumeRecord>>mapToObj(i ->
                () ->
                    TestingController.repeatedly(
                        () -> (i % 2 == 0 ? controller : replica).create("pvc-1")))
            .toList();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var volumes = threads.invokeAll(calls).stream().map(Future::resultNow).distinct().toList();
      assertThat(volumes).hasSize(1);
    }
    assertThat(controller.volumes.list("", 0).volumes()).hasSize(1);
  }

  @Test
  void aVolumeIsDeletedWithAllThatItHad() {
    VolumeRecord volume = controller.create("pvc-1");
    controller.delete(volume);
    controller.delete(volume);

    assertThat(redis.cli(volume.number().value(), "DBSIZE")).isEqualTo("0");
    assertThat(objects(volume)).isZero();
    assertThatThrownBy(() -> controller.volumes.get(volume.id().value()))
        .isInstanceOf(NotFound.class);
    assertThat(redis.cli(1, "ZSCORE", "rest", volume.number().toString())).isNotEmpty();
  }

  @Test
  void aNameIsFreeAfterItsVolume() {
    VolumeRecord first = controller.create("pvc-1");
    controller.delete(first);
    VolumeRecord second = controller.create("pvc-1");
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(second.number()).isNotEqualTo(first.number());
  }

  @Test
  void whatIsNoVolumeOfOursIsDeletedAlready() {
    controller.delete.delete("no such volume", TestingController.soon());
    controller.delete.delete(
        VolumeId.random(TestingController.BACKEND).value(), TestingController.soon());
  }

  @Test
  void aVolumeOfAnUnknownBackendIsNotTakenForDeleted() {
    assertThatThrownBy(() ->
            controller.delete.delete("elsewhere-abcdefghijklmnopqrst", TestingController.soon()))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("elsewhere");
  }

  @Test
  void aVolumeInUseIsNotDeleted() {
    VolumeRecord volume = controller.create("pvc-1");
    mountElsewhere(volume);

    assertThatThrownBy(() -> controller.delete(volume))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("worker-7");
    assertThat(controller.volumes.get(volume.id().value())).isEqualTo(volume);
    assertThat(objects(volume)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"DELETE_BURIED", "DELETE_OWNER"})
  void aMountThatIsMadeMeanwhileKeepsItsDataAndHoldsUpTheEnd(ControllerStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    put(volume, 1);
    controller.at(step, () -> mountElsewhere(volume));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> controller.delete(volume))
          .isInstanceOf(PreconditionFailed.class)
          .hasMessageContaining("worker-7");
    }
    controller.heal();
    controller.sweeper.sweep();
    assertThat(objects(volume)).isEqualTo(1);
    assertThat(controller.backend.metadata().setting(volume.number())).isPresent();

    redis.cli(volume.number().value(), "DEL", "allSessions");
    controller.delete(volume);
    assertNothingIsLeft();
  }

  @Test
  void nobodyCanMountWhatWasFoundUnused() {
    VolumeRecord volume = controller.create("pvc-1");
    var log = new AtomicReference<String>("");
    controller.at(ControllerStep.DELETE_WITHDRAWN, () -> log.set(juicefsStatus(volume)));
    assertThat(juicefsStatus(volume)).contains("\"UUID\"");
    controller.delete(volume);
    assertThat(log.get()).contains("not formatted");
  }

  private static String juicefsStatus(VolumeRecord volume) {
    var arguments = List.of("--no-agent", "status", redis.address() + "/" + volume.number());
    try {
      var result =
          new Juicefs(Tools.program("juicefs"))
              .run(arguments, Map.of("META_PASSWORD", redis.password()), Duration.ofSeconds(20));
      return String.join("\n", result.log());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatAPublicationMustReadIsGoneBeforeTheLookForMounts() {
    VolumeRecord volume = controller.create("pvc-1");
    var left = new AtomicInteger(-1);
    controller.at(
        ControllerStep.DELETE_OWNER,
        () -> left.set(Leftovers.objects(s3, volume.bucket(), volume.lineage().ownerKey())));
    controller.delete(volume);
    assertThat(left).hasValue(0);
  }

  private static void mountElsewhere(VolumeRecord volume) {
    String later = Long.toString(Instant.now().plusSeconds(60).getEpochSecond());
    redis.cli(volume.number().value(), "ZADD", "allSessions", later, "1");
    redis.cli(volume.number().value(), "HSET", "sessionInfos", "1", "{\"HostName\":\"worker-7\"}");
  }

  @Test
  void aNumberThatHoldsAnotherFilesystemIsNotTouched() {
    VolumeRecord volume = controller.create("pvc-1");
    int number = volume.number().value();
    String own = redis.cli(number, "GET", "setting");
    redis.cli(
        number,
        "SET",
        "setting",
        "{\"Name\":\"other\",\"UUID\":\"00000000-0000-0000-0000-000000000001\"}");

    assertThatThrownBy(() -> controller.delete(volume))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("other");
    assertThat(objects(volume)).isEqualTo(1);
    assertThat(controller.health.check(volume.id().value()).conditions())
        .extracting(Condition::cause)
        .containsExactly(Cause.FILESYSTEM_REPLACED);

    redis.cli(number, "SET", "setting", own);
    assertThat(controller.health.check(volume.id().value()).conditions()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "CREATE_(?!KEPT|USER|ACCOUNT|READ).*")
  void afterAFailureThatIsRepeatedTheSameVolumeIsFinished(ControllerStep step) {
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> controller.create("pvc-1", dedicated()))
        .isInstanceOf(BackendUnavailable.class);
    String begun = redis.cli(1, "HGET", "names", "pvc-1");
    controller.heal();

    VolumeRecord volume = controller.create("pvc-1", dedicated());
    assertThat(volume.id()).hasToString(begun);
    assertThat(objects(volume)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {
        "CREATE_INTENT",
        "CREATE_BUCKET",
        "CREATE_OWNER",
        "CREATE_FORMATTED",
        "CREATE_PREPARED"
      })
  void afterAnyOtherFailureNothingIsLeft(ControllerStep step) {
    controller.failAt(step, () -> new Failed("test"));
    assertThatThrownBy(() -> controller.create("pvc-1", dedicated()))
        .isInstanceOf(Failed.class)
        .hasMessage("test");
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "DELETE_(?!USER|ACCOUNT|CREDENTIALS).*")
  void aDeletionThatFailedIsFinishedByTheNext(ControllerStep step) {
    VolumeRecord volume = controller.create("pvc-1", dedicated());
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> controller.delete(volume)).isInstanceOf(BackendUnavailable.class);
    assertThatThrownBy(() -> controller.volumes.get(volume.id().value()))
        .isInstanceOf(NotFound.class);
    controller.heal();

    controller.delete(volume);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "DELETE_(?!USER|ACCOUNT|CREDENTIALS).*")
  void aDeletionThatFailedIsFinishedByTheSweeper(ControllerStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", dedicated());
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> controller.delete(volume)).isInstanceOf(BackendUnavailable.class);
    controller.heal();

    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.NOT);
    assertNothingIsLeft();
  }

  @Test
  void aDeletionWithoutItsBucketIsFinishedWhenTheBucketIsBack() throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    controller.objects.removeOwner(volume.bucket(), volume.lineage());
    controller.objects.removeBucket(volume.bucket());
    controller.delete(volume);
    controller.delete(volume);
    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.LATER);
    assertThatThrownBy(() -> controller.volumes.get(volume.id().value()))
        .isInstanceOf(NotFound.class);

    controller.objects.ensureBucket(volume.bucket());
    put(volume, 3);
    await().atMost(SOON).until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    await().atMost(SOON).untilAsserted(VolumeLifeTest::assertNothingIsLeft);
  }

  @Test
  void theSweeperUndoesAnIntentThatNobodyCameBackTo() throws Exception {
    controller.failAt(
        ControllerStep.CREATE_PREPARED, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> controller.create("pvc-1")).isInstanceOf(BackendUnavailable.class);
    controller.heal();

    await().atMost(SOON).until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    assertNothingIsLeft();
  }

  @Test
  void leftoversThatFailForGoodDoNotKeepOthersFromTheirTurn() throws Exception {
    var stuck = new ArrayList<VolumeRecord>();
    for (int i = 0; i < 100; i++) {
      stuck.add(buried("stuck-" + i));
      mountElsewhere(stuck.get(i));
    }
    VolumeRecord last = buried("last");

    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.LATER);
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          controller.sweeper.sweep();
          assertThat(controller.backend.registry().find(last.id())).isEmpty();
        });
    for (VolumeRecord volume : stuck) {
      redis.cli(volume.number().value(), "DEL", "allSessions");
    }
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          controller.sweeper.sweep();
          assertNothingIsLeft();
        });
  }

  /** A tombstone, without the filesystem that it would have had. */
  private static VolumeRecord buried(String name) {
    controller.failAt(
        ControllerStep.CREATE_INTENT, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> controller.create(name)).isInstanceOf(BackendUnavailable.class);
    controller.failAt(
        ControllerStep.DELETE_BURIED, () -> new BackendUnavailable("Redis", "test", null));
    var id = new VolumeId(redis.cli(1, "HGET", "names", name));
    assertThatThrownBy(() -> controller.delete.delete(id.value(), TestingController.soon()))
        .isInstanceOf(BackendUnavailable.class);
    controller.heal();
    return controller.backend.registry().find(id).orElseThrow();
  }

  @Test
  void theSweeperComesBackToAVolumeThatIsHeld() throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    controller.failAt(
        ControllerStep.DELETE_BURIED, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> controller.delete(volume)).isInstanceOf(BackendUnavailable.class);
    controller.heal();

    redis.cli(1, "SET", "claim:" + volume.id(), "1", "PX", "60000");
    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.SOON);
    redis.cli(1, "PEXPIRE", "claim:" + volume.id(), "300");
    await().atMost(SOON).until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    assertNothingIsLeft();
  }

  @Test
  void aVolumeThatIsHeldTooLongIsPending() {
    VolumeRecord volume = controller.create("pvc-1");
    redis.cli(1, "SET", "claim:" + volume.id(), "1", "PX", "60000");
    long began = System.nanoTime();
    assertThatThrownBy(() -> controller.delete(volume)).isInstanceOf(OperationPending.class);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(15));
    redis.cli(1, "DEL", "claim:" + volume.id());
  }

  @Test
  void aLargeDeletionGoesOnInTheBackground() throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    put(volume, 5);
    Deadline nearlyOver = Deadline.in(Duration.ofMillis(500));
    controller.delete.delete(volume.id().value(), nearlyOver);

    assertThat(controller.woken).isTrue();
    assertThatThrownBy(() -> controller.volumes.get(volume.id().value()))
        .isInstanceOf(NotFound.class);
    await().atMost(SOON).until(() -> controller.sweeper.sweep() == Sweeper.Again.NOT);
    assertNothingIsLeft();
  }

  @Test
  void anObjectStoreThatRefusesUsCostsNoNumber() {
    controller.create("warm-up");
    controller.objects.fail(() -> new Unauthenticated("the object store", "test"));
    assertThatThrownBy(() -> controller.create("pvc-1")).isInstanceOf(Unauthenticated.class);
    String next = redis.cli(1, "GET", "next");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> controller.create("pvc-1")).isInstanceOf(Unauthenticated.class);
    }
    assertThat(redis.cli(1, "GET", "next")).isEqualTo(next);
  }

  @Test
  void aFullRedisTakesNoNewVolumeAndKnowsTheOldOnes() {
    VolumeRecord volume = controller.create("pvc-1");
    controller.memory.set(Optional.of(new Exhausted("full")));
    assertThat(controller.create("pvc-1")).isEqualTo(volume);
    assertThatThrownBy(() -> controller.create("pvc-2"))
        .isInstanceOf(Exhausted.class)
        .hasMessage("full");
  }

  @Test
  void aPoolIsNotOverdrawn() {
    var pool = new Capacity(TestingController.GIB + 4096);
    try (var small = new TestingController(TestingBackend.of(redis, minio), Optional.of(pool))) {
      VolumeRecord volume = small.create("pvc-1");
      assertThatThrownBy(() -> small.create("pvc-2"))
          .isInstanceOf(Exhausted.class)
          .hasMessageContaining("POOL_SIZE");
      assertThatThrownBy(() ->
              small.expand.expand(
                  volume.id().value(),
                  new CapacityRange(2 * TestingController.GIB, 0),
                  TestingController.soon()))
          .isInstanceOf(Exhausted.class);
    }
  }

  @Test
  void aVolumeGrowsInItsMetadataToo() {
    VolumeRecord volume = controller.create("pvc-1");
    long twice = 2 * TestingController.GIB;
    for (int i = 0; i < 2; i++) {
      assertThat(expand(volume, twice)).isEqualTo(new Capacity(twice));
    }
    assertThat(expand(volume, TestingController.GIB)).isEqualTo(new Capacity(twice));
    assertThat(controller.backend.metadata().setting(volume.number()).orElseThrow().capacity())
        .isEqualTo(twice);
    assertThat(controller.volumes.get(volume.id().value()).capacity())
        .isEqualTo(new Capacity(twice));
    assertThat(controller.create("pvc-1").capacity()).isEqualTo(new Capacity(twice));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "EXPAND_.*")
  void anExpansionThatFailedIsFinishedByTheNext(ControllerStep step) {
    VolumeRecord volume = controller.create("pvc-1");
    long twice = 2 * TestingController.GIB;
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> expand(volume, twice)).isInstanceOf(BackendUnavailable.class);
    controller.heal();

    assertThat(expand(volume, twice)).isEqualTo(new Capacity(twice));
    assertThat(controller.backend.metadata().setting(volume.number()).orElseThrow().capacity())
        .isEqualTo(twice);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "EXPAND_.*")
  void anExpansionThatNobodyCameBackToIsFinishedByTheSweeper(ControllerStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    long twice = 2 * TestingController.GIB;
    controller.failAt(step, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> expand(volume, twice)).isInstanceOf(BackendUnavailable.class);
    controller.heal();

    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.NOT);
    assertThat(controller.backend.metadata().setting(volume.number()).orElseThrow().capacity())
        .isEqualTo(controller.volumes.get(volume.id().value()).capacity().bytes())
        .isEqualTo(twice);
    assertThat(redis.cli(1, "EXISTS", "growing")).isEqualTo("0");
  }

  @Test
  void anExpansionThatTheSweeperCannotFinishIsReported() throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    controller.failAt(
        ControllerStep.EXPAND_RECORDED, () -> new BackendUnavailable("Redis", "test", null));
    assertThatThrownBy(() -> expand(volume, 2 * TestingController.GIB))
        .isInstanceOf(BackendUnavailable.class);
    controller.heal();
    redis.cli(volume.number().value(), "DEL", "setting");

    assertThat(controller.sweeper.sweep()).isEqualTo(Sweeper.Again.LATER);
    assertThat(controller.reports.lines())
        .singleElement()
        .asString()
        .startsWith("expansion of " + volume.id() + ": ");
  }

  @Test
  void theCensusHoldsAllVolumesOrNone() {
    VolumeRecord claimed =
        controller.create(
            "pvc-1",
            Map.of(
                "csi.storage.k8s.io/pvc/name", "data",
                "csi.storage.k8s.io/pvc/namespace", "team-a"));
    VolumeRecord other = controller.create("pvc-2");
    var census = new Census(controller.volumes, 2, Duration.ofMinutes(1));
    census.take();
    assertThat(census.last())
        .containsOnly(
            Map.entry(
                claimed.id(),
                new Census.Resident(
                    claimed.capacity(), Optional.of(new PvcName("team-a", "data")))),
            Map.entry(other.id(), new Census.Resident(other.capacity(), Optional.empty())));

    controller.create("pvc-3");
    census.take();
    assertThat(census.last()).isEmpty();
  }

  @Test
  void whatIsNotThereCannotGrow() {
    assertThatThrownBy(() ->
            controller.expand.expand(
                VolumeId.random(TestingController.BACKEND).value(),
                new CapacityRange(1, 0),
                TestingController.soon()))
        .isInstanceOf(NotFound.class);
  }

  @Test
  void pagesHoldEveryVolumeOnce() {
    var all = new ArrayList<VolumeId>();
    for (int i = 0; i < 5; i++) {
      all.add(controller.create("pvc-" + i).id());
    }
    all.sort(null);

    var first = controller.volumes.list("", 2);
    assertThat(ids(first)).isEqualTo(all.subList(0, 2));
    controller.delete(first.volumes().getLast());
    var second = controller.volumes.list(first.next().orElseThrow().value(), 2);
    assertThat(ids(second)).isEqualTo(all.subList(2, 4));
    var third = controller.volumes.list(second.next().orElseThrow().value(), 2);
    assertThat(ids(third)).isEqualTo(all.subList(4, 5));
    assertThat(third.next()).isEmpty();
  }

  @Test
  void badPagesAreRefused() {
    assertThatThrownBy(() -> controller.volumes.list("bogus", 0)).isInstanceOf(BadToken.class);
    assertThatThrownBy(() -> controller.volumes.list("elsewhere-abcdefghijklmnopqrst", 0))
        .isInstanceOf(BadToken.class);
    assertThatThrownBy(() -> controller.volumes.list("", -1)).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void onlyIllVolumesAreListedAsSuch() {
    VolumeRecord well = controller.create("pvc-1");
    VolumeRecord ill = controller.create("pvc-2");
    redis.cli(ill.number().value(), "SET", "usedSpace", Long.toString(TestingController.GIB));

    var page = controller.health.list("", 0);
    assertThat(page.ill()).extracting(VolumeHealth::volume).containsExactly(ill.id());
    assertThat(controller.health.check(well.id().value()).healthy()).isTrue();

    controller.objects.fail(() -> new BackendUnavailable("the object store", "test", null));
    assertThat(controller.health.list("", 0).ill()).hasSize(2);
  }

  @Test
  void aConditionHasATimeThatEveryControllerKnows() {
    VolumeRecord volume = controller.create("pvc-1");
    String id = volume.id().value();
    Instant before = Instant.now().minusSeconds(1);
    redis.cli(volume.number().value(), "SET", "usedSpace", Long.toString(TestingController.GIB));
    Condition first = controller.health.check(id).conditions().getFirst();
    assertThat(first.since()).isBetween(before, Instant.now().plusSeconds(1));

    redis.cli(volume.number().value(), "SET", "totalInodes", "1000000");
    assertThat(replica.health.check(id).conditions())
        .hasSize(2)
        .contains(first)
        .allSatisfy(each -> assertThat(each.since()).isAfterOrEqualTo(first.since()));

    redis.cli(volume.number().value(), "DEL", "usedSpace", "totalInodes");
    assertThat(controller.health.check(id).healthy()).isTrue();
    redis.cli(volume.number().value(), "SET", "usedSpace", Long.toString(TestingController.GIB));
    assertThat(controller.health.check(id).conditions().getFirst().since()).isAfter(first.since());
  }

  private static Map<String, String> dedicated() {
    return Map.of("bucketMode", "dedicated");
  }

  private static Capacity expand(VolumeRecord volume, long bytes) {
    return controller.expand.expand(
        volume.id().value(), new CapacityRange(bytes, 0), TestingController.soon());
  }

  private static int objects(VolumeRecord volume) {
    return Leftovers.objects(s3, volume.bucket(), volume.lineage().prefix());
  }

  private static void put(VolumeRecord volume, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      s3.putObject(
          PutObjectArgs.builder()
              .bucket(volume.bucket())
              .object(volume.lineage().prefix() + "chunks/" + i)
              .stream(new ByteArrayInputStream(new byte[1]), 1, -1)
              .build());
    }
  }

  private static void assertNothingIsLeft() {
    Leftovers.assertNone(redis, s3);
  }

  private static List<VolumeId> ids(VolumeDirectory.Page page) {
    return page.volumes().stream().map(VolumeRecord::id).toList();
  }
}
