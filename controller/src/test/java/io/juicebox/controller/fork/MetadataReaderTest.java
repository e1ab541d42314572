package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.fork.ReadReport.Way;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real Redis. */
@Tag("real")
class MetadataReaderTest {
  private static final UUID OURS = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");
  private static final Duration LONGEST = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(800);
  private static final AtomicInteger NEXT = new AtomicInteger(2);

  private static ClientResources threads;
  private static TestingRedis redis;

  private final Number number = new Number(NEXT.getAndIncrement());
  private RedisConnection connection;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start(100);
  }

  @AfterAll
  static void stop() {
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @BeforeEach
  void connect() {
    connection = open(number);
    format(number);
  }

  private static void format(Number number) {
    eval(
        number,
        "redis.call('SET', 'setting', '{\"UUID\": \"%s\"}') redis.call('SET', 'i1', 'root')"
            .formatted(OURS));
  }

  @AfterEach
  void disconnect() {
    connection.close();
  }

  @Test
  void aSmallFilesystemIsReadAtOnce() {
    everyType();
    var copy = new Copy();
    ReadReport report = reader(Integer.MAX_VALUE).read(OURS, copy);
    assertThat(report.way()).isEqualTo(Way.AT_ONCE);
    assertThat(report.pause()).isZero();
    assertThat(copy.values).isEqualTo(expected());
  }

  @Test
  void aLargeOneIsReadBitByBit() {
    everyType();
    many();
    var copy = new Copy();
    ReadReport report = reader(10).read(OURS, copy);
    assertThat(report.way()).isEqualTo(Way.COPIED_BEFORE);
    assertThat(report.pause()).isZero();
    assertThat(report.cuts()).isEqualTo(1);
    assertThat(copy.values)
        .hasSize(expected().size() + Writing.INODES)
        .containsAllEntriesOf(expected());
  }

  private void everyType() {
    eval(
        "redis.call('SET', 's5', 'target') redis.call('RPUSH', 'c5_0', 'a', '\\255\\0', 'a') "
            + "redis.call('HSET', 'd1', 'n\\200', '\\1') redis.call('SADD', 'session7', '5') "
            + "redis.call('ZADD', 'delfiles', 1800000000, '5:7') redis.call('HSET', 'sliceRef', 'k1_2', -1) "
            + "redis.call('SET', 'usedSpace', 4096)");
  }

  private Map<String, List<String>> expected() {
    var all = new LinkedHashMap<String, List<String>>();
    all.put("setting", List.of("{\"UUID\": \"%s\"}".formatted(OURS)));
    all.put("i1", List.of("root"));
    all.put("s5", List.of("target"));
    all.put("c5_0", List.of("a", "\u00ff\0", "a"));
    all.put("d1", List.of("n\u00c8", "\1"));
    all.put("session7", List.of("5"));
    all.put("delfiles", List.of("5:7", "1800000000"));
    all.put("sliceRef", List.of("k1_2", "-1"));
    all.put("usedSpace", List.of("4096"));
    return all;
  }

  @Test
  void anotherFilesystemIsRefused() {
    assertThatThrownBy(() -> reader(1_000).read(OTHER, entry -> {}))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(OTHER.toString());
  }

  @Test
  void keysThatNoJuicefsMakesAreRefused() {
    eval("redis.call('XADD', 'stream', '*', 'a', 'b')");
    assertThatThrownBy(() -> reader(1_000).read(OURS, entry -> {}))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("stream");
    eval("redis.call('DEL', 'stream') redis.call('SADD', 'i77', 'x')");
    assertThatThrownBy(() -> reader(1_000).read(OURS, entry -> {}))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("i77");
  }

  @Test
  void oneThatIsFlushedMeanwhileIsNoCopy() {
    many();
    var flush = new AtomicBoolean(true);
    assertThatThrownBy(() ->
            reader(10)
                .read(
                    OURS,
                    _ -> {
                      if (flush.getAndSet(false)) {
                        redis.cli(number.value(), "FLUSHDB");
                      }
                    }))
        .isInstanceOf(PreconditionFailed.class);
  }

  /** The order of the writes shows in what a copy has: it has all before one, and none after. */
  @Test
  void underWritesTheCopyIsOfOneInstant() {
    many();
    try (var writing = new Writing(open(number))) {
      assertThat(copies(number, writing, 10))
          .allSatisfy(report ->
              assertThat(report.pause()).isLessThanOrEqualTo(LONGEST.multipliedBy(report.cuts())));
    }
  }

  /** Copies one after the other, bit by bit; each is of an instant of its making. */
  private static List<ReadReport> copies(Number number, Writing writing, int count) {
    var reports = new ArrayList<ReadReport>();
    try (RedisConnection own = open(number)) {
      var reader = new MetadataReader(own, new StepCost(LONGEST, 10));
      for (int i = 0; i < count; i++) {
        reports.add(copy(reader, writing));
      }
    }
    return reports;
  }

  private static ReadReport copy(MetadataReader reader, Writing writing) {
    long before = writing.done;
    var copy = new Copy();
    ReadReport report = reader.read(OURS, copy);
    assertThat(copy.requireOneInstant()).isBetween(before, writing.done + 1);
    return report;
  }

  @Test
  void twoAtOnceAreEachOfOneInstant() throws Exception {
    many();
    try (var writing = new Writing(open(number))) {
      atOnce(() -> copies(number, writing, 10), () -> copies(number, writing, 10));
    }
  }

  @Test
  void twoAtOnceOfTwoNumbersAreEachOfOneInstant() throws Exception {
    var other = new Number(NEXT.getAndIncrement());
    format(other);
    many();
    many(other);
    try (var writing = new Writing(open(number));
        var writingElsewhere = new Writing(open(other))) {
      atOnce(() -> copies(number, writing, 10), () -> copies(other, writingElsewhere, 10));
    }
  }

  private static void atOnce(Callable<List<ReadReport>> one, Callable<List<ReadReport>> other)
      throws Exception {
    try (var both = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<List<ReadReport>> reports : both.invokeAll(List.of(one, other))) {
        assertThat(reports.get()).extracting(ReadReport::way).containsOnly(Way.COPIED_BEFORE);
      }
    }
  }

  /** As another copy does whose own pause had run out. */
  @Test
  void aPauseThatSomebodyElseEndsIsTriedAgain() {
    many();
    int more = 0;
    try (var writing = new Writing(open(number));
        var _ = new Writing.Loop(open(number), own -> new RedisServer(own).resumeWrites())) {
      for (int i = 0; i < 10; i++) {
        try {
          more += Math.max(0, copy(reader(10), writing).cuts() - 2);
        } catch (BackendUnavailable e) {
          more++; // each of its pauses was ended
        }
      }
    }
    assertThat(more).isPositive();
  }

  /** That the tests above would find a copy that is not of one instant. */
  @Test
  void aCopyOfSeveralInstantsIsFound() {
    many();
    try (var writing = new Writing(open(number))) {
      var copy = new Copy();
      var steps = new ReadSteps(connection, OURS, new StepCost(LONGEST, 2_500), Optional.empty());
      Optional<String> from = Optional.empty();
      do {
        ReadSteps.Page page = steps.page(from);
        page.entries().forEach(copy);
        from = page.next();
        long done = writing.done;
        await().until(() -> writing.done > done + 10);
      } while (from.isPresent());
      assertThatThrownBy(copy::requireOneInstant).isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void aHugeDirectoryThatRestsNeedsNoPause() {
    hugeDirectory();
    var copy = new Copy();
    ReadReport report = reader(2_500).read(OURS, copy);
    assertThat(report.pause()).isZero();
    assertThat(copy.fields("d9")).hasSize(200_000);
  }

  @Test
  void aHugeDirectoryThatIsWrittenToIsReadInAPause() {
    hugeDirectory();
    many();
    try (var writing = new Writing(open(number))) {
      writing.directory = true;
      var copy = new Copy();
      ReadReport report = reader(2_500).read(OURS, copy);
      long last = copy.requireOneInstant();
      var fields = copy.fields("d9");
      assertThat(fields).hasSizeBetween(200_001, 200_000 + (int) last);
      assertThat(fields).containsKey("new" + last).doesNotContainKey("new" + (last + 1));
      assertThat(report.pause())
          .isPositive()
          .isLessThanOrEqualTo(LONGEST_PAUSE.multipliedBy(report.cuts() - 1)); // luck pauses nobody
    }
  }

  private void hugeDirectory() {
    eval(
        "for i = 1, 200000 do redis.call('HSET', 'd9', 'some-file-name-' .. i .. '.txt', '123456789') end");
  }

  @Test
  void aFeedThatIsCutIsNoted() {
    many();
    var cut = new AtomicBoolean(true);
    assertThatThrownBy(() ->
            reader(10)
                .read(
                    OURS,
                    _ -> {
                      if (cut.getAndSet(false)) {
                        redis.cli(0, "CLIENT", "KILL", "TYPE", "pubsub");
                      }
                    }))
        .isInstanceOf(BackendUnavailable.class);
  }

  @Test
  void aServerThatStopsTellingChangesIsNoted() {
    many();
    var stop = new AtomicBoolean(true);
    assertThatThrownBy(() ->
            reader(10)
                .read(
                    OURS,
                    _ -> {
                      if (stop.getAndSet(false)) {
                        redis.cli(0, "CONFIG", "SET", "notify-keyspace-events", "");
                      }
                    }))
        .isInstanceOf(BackendUnavailable.class);
  }

  private void many() {
    many(number);
  }

  private static void many(Number number) {
    Writing.prepare(redis, number);
  }

  private MetadataReader reader(long mostElements) {
    return new MetadataReader(connection, new StepCost(LONGEST, mostElements));
  }

  private static RedisConnection open(Number number) {
    return RedisConnection.within(number, threads, TestingBackend.of(redis), Duration.ofSeconds(8));
  }

  private void eval(String script) {
    eval(number, script);
  }

  private static void eval(Number number, String script) {
    var _ = redis.cli(number.value(), "EVAL", script, "0");
  }
}
