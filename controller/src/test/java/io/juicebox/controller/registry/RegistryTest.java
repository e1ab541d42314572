package io.juicebox.controller.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Intent.Preparation;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.csi.volume.VolumeParameters;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("real")
class RegistryTest {
  private static final int DATABASES = 200;
  private static final BackendName BACKEND = new BackendName("default");
  private static final Capacity GIB = new Capacity(1L << 30);
  private static final PasswordHash HASH = new PasswordHash("0".repeat(64));
  private static final long NEXT_SLICE = 1_000_000_004_097L;
  private static final RegistrySettings SETTINGS =
      new RegistrySettings(
          OptionalInt.empty(), Duration.ofMinutes(10), Optional.empty(), Duration.ofSeconds(5));

  private static TestingRedis server;
  private static ClientResources resources;
  private static RedisConnection redis;

  private final List<Claim> claims = new ArrayList<>();
  private Registry registry;
  private CollectorMarks marks;

  @BeforeAll
  static void start() {
    server = TestingRedis.start(DATABASES);
    resources = RedisConnection.resources();
    redis = connect();
  }

  private static RedisConnection connect() {
    return new RedisConnection(resources, TestingBackend.of(server), Duration.ofSeconds(8));
  }

  @BeforeEach
  void open() {
    registry = new Registry(redis, SETTINGS);
    marks = new CollectorMarks(redis, SETTINGS);
  }

  @AfterEach
  void empty() {
    claims.forEach(Claim::close);
    server.cli(0, "FLUSHALL");
  }

  @AfterAll
  static void stop() throws Exception {
    redis.close();
    resources.shutdown(0, 1, TimeUnit.SECONDS).get();
    server.close();
  }

  @Test
  void anIntentGetsTheLowestNumberAndTheRecordThatWasAsked() {
    var intent = intent("pvc-1");
    VolumeRecord volume = begin(intent).volume();

    assertThat(volume)
        .isEqualTo(
            new VolumeRecord(
                intent.id(),
                "pvc-1",
                "{}",
                State.CREATING,
                Number.FIRST_VOLUME,
                intent.lineage(),
                Member.FIRST,
                GIB,
                "juicebox",
                BucketMode.SHARED,
                Credentials.PER_VOLUME,
                Optional.of(new BlockFormat(4L << 20, Compression.NONE)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    assertThat(begin(intent("pvc-2")).volume().number()).isEqualTo(new Number(3));
    assertThat(registry.find(intent.id())).contains(volume);
  }

  @Test
  void aNameMayHoldAnyText() {
    String name = "ünï \"code\" \t\n 名前 {}%s";
    assertThat(begin(intent(name)).volume().name()).isEqualTo(name);
  }

  @Test
  void anIntentIsHeldWhileItsFirstCallerWorks() {
    var first = begin(intent("pvc-1"));
    assertThat(registry.intend(intent("pvc-1"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.Held(first.volume().id()));
  }

  @Test
  void anIntentGoesOnWithItsOwnIdWhereItsCallerGaveUp() {
    var first = begin(intent("pvc-1"));
    first.claim().close();
    assertThat(begin(intent("pvc-1")).volume()).isEqualTo(first.volume());
  }

  @Test
  void theSameRequestFindsTheReadyVolume() {
    VolumeRecord volume = create("pvc-1");
    assertThat(volume.state()).isEqualTo(State.READY);
    assertThat(registry.intend(intent("pvc-1"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.Ready(volume));
    assertThat(registry.find(volume.id())).contains(volume);
  }

  @Test
  void anotherRequestOfTheSameNameIsTold() {
    VolumeRecord volume = create("pvc-1");
    var other =
        new Intent(
            "pvc-1",
            "{\"other\":1}",
            VolumeId.random(BACKEND),
            GIB,
            volume.lineage(),
            "juicebox",
            BucketMode.SHARED,
            Credentials.PER_VOLUME,
            new BlockFormat(4L << 20, Compression.NONE),
            Optional.empty(),
            Preparation.NONE);
    assertThat(registry.intend(other, Admission.OPEN))
        .isEqualTo(new IntentOutcome.OtherRequest(volume.id()));
  }

  @Test
  void aReservedIdBecomesAVolumeOnce() {
    var blanks = new Blanks(redis);
    var id = VolumeId.random(BACKEND);
    blanks.reserve(id, Duration.ofMinutes(1));
    assertThat(blanks.hold(List.of(id), Duration.ofMinutes(1))).isEmpty();

    assertThat(begin(of(id, "pvc-1")).volume().id()).isEqualTo(id);
    assertThat(registry.intend(of(id, "pvc-2"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.BlankLost());
    assertThat(blanks.hold(List.of(id), Duration.ofMinutes(1))).containsExactly(id);
    assertThat(blanks.torn(10)).isEmpty();
  }

  @Test
  void aReservedIdThatNobodyKeepsIsTorn() {
    var blanks = new Blanks(redis);
    var id = VolumeId.random(BACKEND);
    blanks.reserve(id, Duration.ofMillis(1));

    await().until(() -> blanks.torn(10).equals(List.of(id)));
    assertThat(registry.intend(of(id, "pvc-1"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.BlankLost());
    assertThat(blanks.hold(List.of(id), Duration.ofMinutes(1))).containsExactly(id);

    blanks.discard(id);
    blanks.discard(id);
    assertThat(blanks.torn(10)).isEmpty();
  }

  @Test
  void strangersHaveNoRecord() {
    VolumeId known = create("pvc-1").id();
    VolumeId stranger = VolumeId.random(BACKEND);
    assertThat(registry.strangers(List.of(known, stranger))).containsExactly(stranger);
    assertThat(registry.strangers(List.of())).isEmpty();
  }

  @Test
  void theHashOfAPasswordIsKept() {
    assertThat(create("pvc-1").issued())
        .get()
        .satisfies(issued -> assertThat(issued.password()).isEqualTo(HASH));
  }

  @Test
  void closedAdmissionStopsNewNamesOnly() {
    VolumeRecord volume = create("pvc-1");
    assertThat(registry.intend(intent("pvc-1"), Admission.CLOSED))
        .isEqualTo(new IntentOutcome.Ready(volume));
    assertThat(registry.intend(intent("pvc-2"), Admission.CLOSED))
        .isEqualTo(new IntentOutcome.NotAdmitted());
  }

  @Test
  void manyAtOnceMakeOneVolume() throws Exception {
    try (var second = connect();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var replicas = List.of(registry, new Registry(second, SETTINGS));
      List<Callable<IntentOutcome>> calls =
          IntStream.range(0, 16)
              .<Callable<IntentOutcome>>mapToObj(
                  i -> () -> replicas.get(i % 2).intend(intent("pvc-1"), Admission.OPEN))
              .toList();
      List<IntentOutcome> outcomes =
          threads.invokeAll(calls).stream().map(Future::resultNow).toList();

      assertThat(outcomes).filteredOn(IntentOutcome.Claimed.class::isInstance).hasSize(1);
      assertThat(outcomes).filteredOn(IntentOutcome.Held.class::isInstance).hasSize(15);
      outcomes.forEach(this::closeLater);
    }
    assertThat(server.cli(1, "HLEN", "names")).isEqualTo("1");
  }

  @Test
  void aNumberRestsAfterItsVolume() {
    VolumeRecord first = create("pvc-1");
    delete(first.id());
    assertThat(begin(intent("pvc-2")).volume().number()).isEqualTo(new Number(3));

    endAllRests();
    assertThat(begin(intent("pvc-3")).volume().number()).isEqualTo(new Number(2));
    assertThat(begin(intent("pvc-4")).volume().number()).isEqualTo(new Number(4));
  }

  @Test
  void aDatabaseWithKeysIsPassedOver() {
    server.cli(2, "SET", "foreign", "1");
    server.cli(3, "SET", "foreign", "1");
    assertThat(begin(intent("pvc-1")).volume().number()).isEqualTo(new Number(4));
    assertThat(server.cli(1, "SCARD", "foreign")).isEqualTo("2");

    server.cli(2, "FLUSHDB");
    endAllRests();
    assertThat(begin(intent("pvc-2")).volume().number()).isEqualTo(new Number(2));
    assertThat(server.cli(1, "SMEMBERS", "foreign")).isEqualTo("3");
  }

  @Test
  void whatAClientWroteLateGoesWhenItsNumberIsGivenAgain() {
    delete(create("pvc-1").id());
    server.cli(2, "ZADD", "allSessions", "1", "1");
    server.cli(2, "SET", "c12_0", "x");
    endAllRests();
    assertThat(begin(intent("pvc-2")).volume().number()).isEqualTo(new Number(2));
    assertThat(server.cli(2, "DBSIZE")).isEqualTo("0");
  }

  @Test
  void somebodyElsesKeysInANumberThatWasOursStay() {
    delete(create("pvc-1").id());
    server.cli(2, "SET", "allSessions", "1");
    server.cli(2, "SET", "users:7", "1");
    endAllRests();
    assertThat(begin(intent("pvc-2")).volume().number()).isEqualTo(new Number(3));
    assertThat(server.cli(2, "DBSIZE")).isEqualTo("2");
  }

  @Test
  void aFilesystemInANumberThatWasOursIsNotTouched() {
    delete(create("pvc-1").id());
    server.cli(2, "SET", "setting", "{}");
    endAllRests();
    assertThat(begin(intent("pvc-2")).volume().number()).isEqualTo(new Number(3));
    assertThat(server.cli(2, "DBSIZE")).isEqualTo("1");
  }

  @Test
  void manyFullDatabasesArePassedOverInOneCall() {
    for (int number = 2; number < 150; number++) {
      server.cli(number, "SET", "foreign", "1");
    }
    assertThat(begin(intent("pvc-1")).volume().number()).isEqualTo(new Number(150));
  }

  @Test
  void numbersEndWithTheServersDatabases() {
    server.cli(1, "SET", "next", Integer.toString(DATABASES - 1));
    assertThat(registry.room().numberLeft()).isTrue();
    begin(intent("pvc-1"));

    assertThat(registry.intend(intent("pvc-2"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.NoNumber());
    assertThat(registry.room()).isEqualTo(new Room(GIB.bytes(), false));
    assertThat(server.cli(1, "HLEN", "names")).isEqualTo("1");
  }

  @Test
  void numbersEndWithTheSetting() {
    registry =
        new Registry(redis, with(OptionalInt.of(3), Optional.empty(), Duration.ofSeconds(5)));
    begin(intent("pvc-1"));
    assertThat(registry.intend(intent("pvc-2"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.NoNumber());
    assertThat(registry.room().numberLeft()).isFalse();
  }

  @Test
  void aPoolBoundsTheSumOfCapacities() {
    registry =
        new Registry(
            redis,
            with(
                OptionalInt.empty(),
                Optional.of(new Capacity(2 * GIB.bytes())),
                Duration.ofSeconds(5)));
    VolumeRecord first = create("pvc-1");
    VolumeRecord second = create("pvc-2");
    assertThat(registry.intend(intent("pvc-3"), Admission.OPEN))
        .isEqualTo(new IntentOutcome.PoolFull());
    assertThatThrownBy(() -> resize(first.id(), new Capacity(GIB.bytes() + 4096)))
        .isInstanceOf(Exhausted.class);

    delete(second.id());
    assertThat(registry.room().bytes()).isEqualTo(GIB.bytes());
    resize(first.id(), new Capacity(2 * GIB.bytes()));
    assertThat(registry.room().bytes()).isEqualTo(2 * GIB.bytes());
    assertThat(registry.find(first.id()).orElseThrow().capacity().bytes())
        .isEqualTo(2 * GIB.bytes());
  }

  @Test
  void theSumOfTheLargestVolumesIsExact() {
    var largest = new Capacity((1L << 60) - 4096);
    begin(intent("pvc-1", largest));
    begin(intent("pvc-2", largest));
    assertThat(registry.room().bytes()).isEqualTo(2 * largest.bytes());
  }

  @Test
  void aTombstoneFreesItsNameAndKeepsItsNumber() {
    VolumeRecord first = create("pvc-1");
    try (var claim = claim(first.id())) {
      registry.bury(claim);
      registry.bury(claim);
      assertThat(registry.first(10)).isEmpty();
      VolumeRecord second = begin(intent("pvc-1")).volume();
      assertThat(second.id()).isNotEqualTo(first.id());
      assertThat(second.number()).isNotEqualTo(first.number());
      assertThat(registry.find(first.id()).orElseThrow().state()).isEqualTo(State.DELETING);
      registry.forget(claim);
    }
    assertThat(registry.find(first.id())).isEmpty();
    assertThat(registry.claim(first.id())).isEqualTo(new ClaimOutcome.Absent());
    assertThat(server.cli(1, "HEXISTS", "names", "pvc-1")).isEqualTo("1");
  }

  @Test
  void aForgottenVolumeLeavesNothing() {
    delete(create("pvc-1").id());
    assertThat(server.cli(1, "KEYS", "*").lines())
        .containsExactlyInAnyOrder("fence", "next", "capacity", "rest");
    assertThat(server.cli(1, "GET", "capacity")).isEqualTo("0");
  }

  @Test
  void everyTransitionRefusesALostClaim() {
    var rotations = new Rotations(redis);
    VolumeRecord volume = create("pvc-1");
    var lost = claim(volume.id());
    rotations.begin(lost, HASH);
    takeOver(lost);
    assertRefused(
        () -> registry.bury(lost),
        () -> registry.forget(lost),
        () -> registry.resize(lost, GIB),
        () -> registry.grown(lost),
        () -> registry.defer(lost, Duration.ofMinutes(1)),
        () -> rotations.begin(lost, HASH),
        () -> rotations.end(lost, Duration.ofMinutes(1)),
        () -> rotations.retire(lost, Rotations.Reason.FORCED, Duration.ofMinutes(1)),
        () -> rotations.forgetFormer(lost),
        () -> rotations.forgetNext(lost));
    lost.close();
    assertThat(registry.claim(volume.id())).isEqualTo(new ClaimOutcome.Held());

    var unfinished = begin(intent("pvc-2"));
    takeOver(unfinished.claim());
    assertRefused(
        () -> registry.ready(unfinished.claim(), context(unfinished.volume()), Optional.empty()));
  }

  @Test
  void everyTransitionOfACopyRefusesALostClaim() {
    var lineages = new Lineages(redis);
    var begun = begin(copy(create("pvc-1"), "pvc-2"));
    Origin copy = begun.volume().asOrigin();
    Claim first = begun.claim();
    Claim second = takeOver(first);
    assertRefused(
        () -> lineages.cut(first, copy, NEXT_SLICE),
        () -> registry.ready(first, context(begun.volume()), Optional.empty()),
        () -> registry.bury(first));
    lineages.cut(second, copy, NEXT_SLICE);
    registry.bury(second);

    Claim third = takeOver(second);
    assertRefused(
        () -> lineages.cut(second, copy, NEXT_SLICE),
        () -> registry.bury(second),
        () -> lineages.leave(second, copy),
        () -> registry.defer(second, Duration.ofMinutes(1)),
        () -> registry.forget(second));
    assertThat(lineages.leave(third, copy)).isFalse();
    Claim fourth = takeOver(third);
    assertRefused(() -> lineages.leave(third, copy), () -> registry.forget(third));
    registry.forget(fourth);
    assertThat(registry.find(copy.id())).isEmpty();
  }

  @Test
  void everyTransitionOfASnapshotRefusesALostClaim() {
    var snapshots = new Snapshots(redis, SETTINGS);
    var lineages = new Lineages(redis);
    VolumeRecord source = create("pvc-1");
    Claim first = snapshot(snapshots, source);
    var snapshot = new Origin(Origin.Kind.SNAPSHOT, new VolumeId(first.key()));
    Claim second = takeOver(first);
    assertRefused(
        () -> lineages.cut(first, snapshot, NEXT_SLICE),
        () -> snapshots.ready(first, "object"),
        () -> snapshots.bury(first));
    lineages.cut(second, snapshot, NEXT_SLICE);
    assertThat(snapshots.ready(second, "object").state()).isEqualTo(State.READY);

    Claim third = snapshots.claim(snapshot.id()).orElseThrow();
    Claim fourth = takeOver(third);
    assertRefused(() -> snapshots.bury(third));
    snapshots.bury(fourth);
    Claim fifth = takeOver(fourth);
    assertRefused(
        () -> snapshots.bury(fourth),
        () -> lineages.leave(fourth, snapshot),
        () -> snapshots.defer(fourth, Duration.ofMinutes(1)),
        () -> snapshots.forget(fourth));
    assertThat(lineages.leave(fifth, snapshot)).isFalse();
    snapshots.forget(fifth);
    assertThat(snapshots.find(snapshot.id())).isEmpty();
  }

  /** The lease of a claim has run out, and somebody else has it now. */
  private Claim takeOver(Claim lost) {
    server.cli(1, "DEL", "claim:" + lost.key());
    Claim taken = new Leases(redis, SETTINGS.lease()).take(lost.key()).orElseThrow();
    claims.add(taken);
    return taken;
  }

  private static void assertRefused(ThrowingCallable... transitions) {
    String before = everything();
    for (ThrowingCallable transition : transitions) {
      assertThatThrownBy(transition).isInstanceOf(OperationPending.class);
    }
    assertThat(everything()).isEqualTo(before);
  }

  /** All fields of the registry's hashes, and digests of its other keys. */
  private static String everything() {
    return server.cli(
        1,
        "EVAL",
        """
        local all = {}
        for _, key in ipairs(redis.call('KEYS', '*')) do
          if redis.call('TYPE', key)['ok'] == 'hash' then
            local parts = redis.call('HGETALL', key)
            for i = 1, #parts, 2 do
              all[#all + 1] = key .. ' ' .. parts[i] .. ' ' .. parts[i + 1]
            end
          else
            all[#all + 1] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key))
          end
        end
        table.sort(all)
        return table.concat(all, '\\n')
        """,
        "0");
  }

  @Test
  void aClaimOutlivesItsLeaseWhileItsHolderLives() {
    var lease = Duration.ofSeconds(3);
    registry = new Registry(redis, with(OptionalInt.empty(), Optional.empty(), lease));
    VolumeRecord volume = create("pvc-1");
    var claim = claim(volume.id());
    await()
        .atMost(Duration.ofSeconds(30))
        .during(Duration.ofSeconds(4))
        .until(() -> registry.claim(volume.id()) instanceof ClaimOutcome.Held);
    claim.close();
    assertThat(claim(volume.id())).isNotNull();
  }

  @Test
  void aClaimOfADeadControllerEndsWithItsLease() {
    VolumeRecord volume = create("pvc-1");
    server.cli(1, "SET", "claim:" + volume.id(), "12345", "PX", "60000");
    assertThat(registry.claim(volume.id())).isEqualTo(new ClaimOutcome.Held());
    server.cli(1, "PEXPIRE", "claim:" + volume.id(), "300");
    await().until(() -> closeIfClaimed(registry.claim(volume.id())));
  }

  @Test
  void onlyOneControllerSweeps() {
    try (var sweep = registry.claimSweep().orElseThrow()) {
      assertThat(sweep.key()).isNotEmpty();
      assertThat(registry.claimSweep()).isEmpty();
    }
    try (var again = registry.claimSweep().orElseThrow()) {
      assertThat(again.key()).isNotEmpty();
    }
  }

  @Test
  void pagesFollowTheIdsAndSurviveDeletes() {
    var all = new ArrayList<VolumeId>();
    for (int i = 0; i < 7; i++) {
      all.add(create("pvc-" + i).id());
    }
    begin(intent("unfinished"));
    all.sort(null);

    assertThat(ids(registry.first(3))).isEqualTo(all.subList(0, 3));
    delete(all.get(2));
    assertThat(ids(registry.after(all.get(2), 3))).isEqualTo(all.subList(3, 6));
    assertThat(ids(registry.after(all.get(5), 3))).isEqualTo(all.subList(6, 7));
    assertThat(registry.after(all.get(6), 3)).isEmpty();
  }

  @Test
  void aVolumeThatIsBeingDeletedIsNotIll() {
    VolumeRecord volume = create("pvc-1");
    assertThat(registry.since(volume.id(), List.of("FilesystemMissing"))).hasSize(1);
    registry.bury(claim(volume.id()));
    assertThat(registry.since(volume.id(), List.of("FilesystemMissing"))).isEmpty();
  }

  @Test
  void everyControllerKnowsWhenTheLastCollectionWas() {
    assertThat(marks.sinceCollected()).isEmpty();
    try (var collect = marks.claimCollect().orElseThrow();
        var _ = marks.claimSweepBlocks().orElseThrow()) {
      assertThat(marks.claimCollect()).isEmpty();
      marks.collected(collect);
    }
    assertThat(marks.sinceCollected().orElseThrow()).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void whoLostTheRightToCollectLeavesTheTimeAlone() {
    try (var collect = marks.claimCollect().orElseThrow()) {
      assertThat(collect.isHeld()).isTrue();
      server.cli(1, "SET", "claim:collect", "somebody else");
      marks.collected(collect);
      assertThat(marks.sinceCollected()).isEmpty();
      await().until(() -> !collect.isHeld());
    }
  }

  @Test
  void aVolumesBlocksAreDueOnceItsTimeIsOver() {
    var first = create("pvc-1");
    var second = create("pvc-2");
    Duration week = Duration.ofDays(7);
    assertThat(marks.due(Optional.empty(), 10, week).volumes()).isEmpty();
    assertThat(marks.due(Optional.empty(), 10, week).volumes()).isEmpty();

    server.cli(1, "HSET", "volume:" + first.id(), "swept", "1000");
    assertThat(marks.due(Optional.empty(), 10, week).volumes())
        .containsExactly(new DueSweeps.Due(first, Optional.empty()));
    marks.swept(first.id(), Optional.of("somewhere"));
    assertThat(marks.due(Optional.empty(), 10, week).volumes())
        .containsExactly(new DueSweeps.Due(first, Optional.of("somewhere")));
    marks.swept(first.id(), Optional.empty());
    assertThat(marks.due(Optional.empty(), 10, week).volumes()).isEmpty();

    delete(first.id());
    marks.swept(first.id(), Optional.empty());
    assertThat(server.cli(1, "EXISTS", "volume:" + first.id())).isEqualTo("0");
    assertThat(registry.find(second.id())).contains(second);
  }

  @Test
  void dueVolumesAreFoundByPages() {
    for (int i = 0; i < 5; i++) {
      server.cli(1, "HSET", "volume:" + create("pvc-" + i).id(), "swept", "1000");
    }
    Optional<VolumeId> last = Optional.empty();
    var found = new ArrayList<VolumeId>();
    do {
      var page = marks.due(last, 2, Duration.ofDays(7));
      page.volumes().forEach(due -> found.add(due.volume().id()));
      last = page.last();
    } while (last.isPresent());
    assertThat(found).containsExactlyElementsOf(ids(registry.first(10)));
  }

  @Test
  void aSweepFindsOldIntentsAndAllTombstones() {
    VolumeRecord intent = begin(intent("pvc-1")).volume();
    VolumeRecord tombstone = create("pvc-2");
    registry.bury(claim(tombstone.id()));

    assertThat(registry.unfinished(Duration.ofMinutes(15), 10))
        .isEqualTo(new Unfinished(List.of(), List.of(tombstone.id()), List.of()));
    assertThat(registry.unfinished(Duration.ZERO, 10))
        .isEqualTo(new Unfinished(List.of(intent.id()), List.of(tombstone.id()), List.of()));
  }

  @Test
  void anExpansionIsUnfinishedUntilTheFilesystemHasIt() {
    VolumeRecord volume = create("pvc-1");
    Claim claim = claim(volume.id());
    registry.resize(claim, new Capacity(2L << 30));
    assertThat(registry.unfinished(Duration.ZERO, 10).growing()).containsExactly(volume.id());
    registry.defer(claim, Duration.ofMinutes(1));
    assertThat(registry.unfinished(Duration.ZERO, 10).growing()).isEmpty();
    registry.grown(claim);
    registry.grown(claim);
    assertThat(server.cli(1, "EXISTS", "growing")).isEqualTo("0");

    registry.resize(claim, new Capacity(3L << 30));
    registry.bury(claim);
    assertThat(server.cli(1, "EXISTS", "growing")).isEqualTo("0");
  }

  @Test
  void aTombstoneThatFailedComesAfterOthersAndLaterEachTime() {
    var pause = Duration.ofMinutes(1);
    VolumeRecord failed = create("pvc-1");
    Claim claim = claim(failed.id());
    registry.bury(claim);
    VolumeRecord other = create("pvc-2");
    registry.bury(claim(other.id()));
    assertThat(registry.unfinished(Duration.ZERO, 1).tombstones()).containsExactly(failed.id());

    for (int minutes : new int[] {1, 2, 4, 8, 8}) {
      registry.defer(claim, pause);
      assertThat(registry.unfinished(Duration.ZERO, 1).tombstones()).containsExactly(other.id());
      double due = Double.parseDouble(server.cli(1, "ZSCORE", "deleting", failed.id().value()));
      assertThat((due - System.currentTimeMillis()) / 60_000)
          .isBetween(minutes - 0.5, minutes + 0.1);
    }
    server.cli(1, "ZADD", "deleting", "1", failed.id().value());
    assertThat(registry.unfinished(Duration.ZERO, 2).tombstones())
        .containsExactly(failed.id(), other.id());
    registry.forget(claim);
    assertThatThrownBy(() -> registry.defer(claim, pause)).isInstanceOf(OperationPending.class);
  }

  @Test
  void aFullRedisStillLetsGo() {
    VolumeRecord volume = create("pvc-1");
    server.cli(0, "CONFIG", "SET", "maxmemory", "1");
    try {
      assertThatThrownBy(() -> registry.intend(intent("pvc-2"), Admission.OPEN))
          .isInstanceOf(Exhausted.class);
      try (var claim = claim(volume.id())) {
        registry.bury(claim);
        registry.defer(claim, Duration.ofMillis(1));
      }
      delete(volume.id());
      assertThat(registry.find(volume.id())).isEmpty();
    } finally {
      server.cli(0, "CONFIG", "SET", "maxmemory", "0");
    }
  }

  private static RegistrySettings with(
      OptionalInt databases, Optional<Capacity> pool, Duration lease) {
    return new RegistrySettings(databases, SETTINGS.rest(), pool, lease);
  }

  private static Intent intent(String name) {
    return intent(name, GIB);
  }

  private static Intent of(VolumeId blank, String name) {
    return intent(blank, name, GIB, Preparation.BLANK);
  }

  private static Intent intent(String name, Capacity capacity) {
    return intent(VolumeId.random(BACKEND), name, capacity, Preparation.NONE);
  }

  private static Intent intent(
      VolumeId id, String name, Capacity capacity, Preparation preparation) {
    return intent(id, name, capacity, Lineage.startedBy(id), Optional.empty(), preparation);
  }

  private static Intent copy(VolumeRecord source, String name) {
    return intent(
        VolumeId.random(BACKEND),
        name,
        GIB,
        source.lineage(),
        Optional.of(source.asOrigin()),
        Preparation.NONE);
  }

  private static Intent intent(
      VolumeId id,
      String name,
      Capacity capacity,
      Lineage lineage,
      Optional<Origin> origin,
      Preparation preparation) {
    return new Intent(
        name,
        "{}",
        id,
        capacity,
        lineage,
        "juicebox",
        BucketMode.SHARED,
        Credentials.PER_VOLUME,
        new BlockFormat(4L << 20, Compression.NONE),
        origin,
        preparation);
  }

  private static VolumeContext context(VolumeRecord volume) {
    return new VolumeContext(
        volume.number(),
        volume.lineage(),
        UUID.randomUUID(),
        volume.bucket(),
        CacheClass.SHARED,
        VolumeParameters.from(Map.of()).mount());
  }

  private static List<VolumeId> ids(List<VolumeRecord> page) {
    return page.stream().map(VolumeRecord::id).toList();
  }

  private IntentOutcome.Claimed begin(Intent intent) {
    var outcome = registry.intend(intent, Admission.OPEN);
    assertThat(outcome).isInstanceOf(IntentOutcome.Claimed.class);
    closeLater(outcome);
    return (IntentOutcome.Claimed) outcome;
  }

  private void closeLater(IntentOutcome outcome) {
    if (outcome instanceof IntentOutcome.Claimed claimed) {
      claims.add(claimed.claim());
    }
  }

  private VolumeRecord create(String name) {
    var begun = begin(intent(name));
    return registry.ready(begun.claim(), context(begun.volume()), Optional.of(HASH));
  }

  /** The claim on a snapshot that is being made. */
  private Claim snapshot(Snapshots snapshots, VolumeRecord source) {
    var outcome =
        snapshots.intend("snapshot-1", source.id(), VolumeId.random(BACKEND), source.blocks());
    assertThat(outcome).isInstanceOf(SnapshotOutcome.Claimed.class);
    Claim claim = ((SnapshotOutcome.Claimed) outcome).claim();
    claims.add(claim);
    return claim;
  }

  private Claim claim(VolumeId id) {
    var outcome = registry.claim(id);
    assertThat(outcome).isInstanceOf(ClaimOutcome.Claimed.class);
    Claim claim = ((ClaimOutcome.Claimed) outcome).claim();
    claims.add(claim);
    return claim;
  }

  private static boolean closeIfClaimed(ClaimOutcome outcome) {
    if (outcome instanceof ClaimOutcome.Claimed claimed) {
      claimed.claim().close();
      return true;
    }
    return false;
  }

  private void resize(VolumeId id, Capacity capacity) {
    try (var claim = claim(id)) {
      registry.resize(claim, capacity);
    }
  }

  private void delete(VolumeId id) {
    try (var claim = claim(id)) {
      registry.bury(claim);
      registry.forget(claim);
    }
  }

  private static void endAllRests() {
    for (String number : server.cli(1, "ZRANGE", "rest", "0", "-1").lines().toList()) {
      server.cli(1, "ZADD", "rest", "0", number);
    }
  }
}
