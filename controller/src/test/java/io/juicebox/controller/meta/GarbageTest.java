package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.meta.Garbage.DeletedFiles;
import io.juicebox.controller.meta.Garbage.Place;
import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real Redis, with keys as JuiceFS writes them. */
@Tag("real")
class GarbageTest {
  private static final UUID OURS = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");
  private static final AtomicInteger NEXT = new AtomicInteger(2);
  private static final Optional<String> BEGIN = Optional.empty();

  /** Lua that packs a record of a chunk: position, id, size, offset, length. */
  private static final String RECORD =
      "local function record(id, size) return struct.pack('>I4I8I4I4I4', 0, id, size, 0, size) end ";

  private static ClientResources threads;
  private static TestingRedis redis;
  private static RedisConnection connection;
  private static Garbage garbage;

  private final Number number = new Number(NEXT.getAndIncrement());

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start(100);
    connection = new RedisConnection(threads, TestingBackend.of(redis), Duration.ofSeconds(8));
    garbage = new Garbage(connection);
  }

  @AfterAll
  static void stop() {
    connection.close();
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void theConditionIsThatOfTheSetting() {
    format("\"BlockSize\": 4096, \"TrashDays\": 3");
    cli("ZADD", "allSessions", "1", "7", Long.toString(Instant.now().getEpochSecond() + 60), "8");
    cli("ZADD", "delfiles", "1", "5:100");
    assertThat(garbage.condition(number, OURS))
        .contains(new Condition(4 << 20, 3, 1, 1, 1, false, 0));
  }

  @Test
  void otherKeysOfBlocksAreRefused() {
    format("\"BlockSize\": 4096, \"HashPrefix\": true");
    assertThatThrownBy(() -> garbage.condition(number, OURS))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(number.toString());
  }

  @Test
  void anotherFilesystemIsLeftAlone() {
    format("\"BlockSize\": 4096, \"TrashDays\": 1");
    cli("HSET", "sliceRef", "k1000000000001_5", "-1");
    cli("ZADD", "delfiles", "1", "5:100");
    cli("ZADD", "allSessions", "1", "7");
    String before = everything();

    assertThat(garbage.condition(number, OTHER)).isEmpty();
    assertThat(garbage.dead(number, OTHER, BEGIN)).isEmpty();
    assertThat(garbage.buried(number, OTHER, List.of(new Slice(1_000_000_000_001L, 5)))).isEmpty();
    assertThat(garbage.deleteFiles(number, OTHER, DeletedFiles.BEGIN)).isEmpty();
    assertThat(garbage.endSession(number, OTHER)).isEqualTo(Progress.NOTHING_LEFT);
    assertThat(garbage.emptyTrash(number, OTHER, Instant.now())).isEqualTo(Progress.NOTHING_LEFT);
    assertThat(garbage.releaseDelayed(number, OTHER, Instant.now(), BEGIN)).isEmpty();
    assertThat(garbage.named(number, OTHER, Place.CHUNKS, BEGIN, 0, Long.MAX_VALUE)).isEmpty();
    assertThat(everything()).isEqualTo(before);

    cli("DEL", "setting");
    assertThat(garbage.dead(number, OURS, BEGIN)).isEmpty();
    cli("SET", "setting", "no JSON");
    assertThat(garbage.dead(number, OURS, BEGIN)).isEmpty();
  }

  @Test
  void deadSlicesAreThoseOfNegativeCounters() {
    format("\"BlockSize\": 4096");
    cli("HSET", "sliceRef", "k11_5", "-1", "k12_6", "0", "k13_7", "2", "k14_8", "-2", "odd", "-1");
    var page = garbage.dead(number, OURS, BEGIN).orElseThrow();
    assertThat(page.slices()).containsExactlyInAnyOrder(new Slice(11, 5), new Slice(14, 8));
    assertThat(page.next()).isEmpty();
  }

  @Test
  void manyDeadSlicesComeInPages() {
    format("\"BlockSize\": 4096");
    eval("for i = 1, 5000 do redis.call('HSET', 'sliceRef', 'k' .. i .. '_9', i % 2 - 1) end");
    int found = 0;
    int pages = 0;
    Optional<String> from = BEGIN;
    do {
      var page = garbage.dead(number, OURS, from).orElseThrow();
      found += page.slices().size();
      pages++;
      from = page.next();
    } while (from.isPresent());
    assertThat(found).isGreaterThanOrEqualTo(2500);
    assertThat(pages).isBetween(2, 20);
  }

  @Test
  void onlyCountersThatAreNegativeStillAreDropped() {
    format("\"BlockSize\": 4096");
    cli("HSET", "sliceRef", "k11_5", "-1", "k12_6", "0");
    assertThat(
            garbage.buried(
                number, OURS, List.of(new Slice(11, 5), new Slice(12, 6), new Slice(13, 7))))
        .containsExactly(new Slice(11, 5));
    assertThat(cli("HGETALL", "sliceRef").lines()).containsExactly("k12_6", "0");
  }

  @Test
  void theDataOfADeletedFileLosesItsReferences() {
    format("\"BlockSize\": 4096");
    long length = (64L << 20) * 2 + 1; // three chunks, of which one is a hole
    eval(
        RECORD
            + "redis.call('RPUSH', 'c5_0', record(1000000000001, 10), record(0, 20), record(1000000000002, 30)) "
            + "redis.call('RPUSH', 'c5_2', record(1000000000003, 40), 'odd') "
            + "redis.call('RPUSH', 'c55_0', record(1000000000004, 50))");
    cli("HSET", "sliceRef", "k1000000000002_30", "1");
    cli("ZADD", "delfiles", "1", "5:" + length);
    cli("ZADD", "delfiles", "2", "6:0");

    assertThat(deleteAll()).isEqualTo(2);
    assertThat(cli("EXISTS", "c5_0", "c5_2", "delfiles")).isEqualTo("0");
    assertThat(cli("EXISTS", "c55_0")).isEqualTo("1");
    assertThat(cli("HMGET", "sliceRef", "k1000000000001_10", "k1000000000002_30").lines())
        .containsExactly("-1", "0");
    assertThat(cli("HGET", "sliceRef", "k1000000000003_40")).isEqualTo("-1");
    assertThat(cli("HLEN", "sliceRef")).isEqualTo("3");
  }

  @Test
  void aHugeSparseFileIsDoneInSteps() {
    format("\"BlockSize\": 4096");
    eval(
        RECORD
            + "redis.call('RPUSH', 'c5_90000000', record(1000000000001, 10)) "
            + "redis.call('RPUSH', 'c6_2000', record(1000000000002, 10)) "
            + "for i = 1, 3000 do redis.call('SET', 'i' .. i, '') end");
    cli("ZADD", "delfiles", "1", "5:" + (1L << 60), "2", "6:" + 3000L * (64 << 20));

    assertThat(garbage.deleteFiles(number, OURS, DeletedFiles.BEGIN).orElseThrow().file())
        .isPresent();
    assertThat(deleteAll()).isEqualTo(2);
    assertThat(cli("HGETALL", "sliceRef").lines())
        .contains("k1000000000001_10", "k1000000000002_10");
    assertThat(cli("EXISTS", "c5_90000000", "c6_2000", "delfiles")).isEqualTo("0");
  }

  @Test
  void compactedSlicesAreReleasedWhenTheirTimeIsOver() {
    format("\"BlockSize\": 4096, \"TrashDays\": 1");
    eval(
        "redis.call('HSET', 'delSlices', '7_1000', struct.pack('>I8I4I8I4', 1000000000001, 10, 1000000000002, 20), "
            + "'8_5000', struct.pack('>I8I4', 1000000000003, 30))");
    cli("ZADD", "allSessions", Long.toString(Instant.now().getEpochSecond() + 60), "8");
    assertThat(garbage.releaseDelayed(number, OURS, Instant.ofEpochSecond(2000), BEGIN)).isEmpty();
    assertThat(cli("HLEN", "delSlices")).isEqualTo("2");

    cli("DEL", "allSessions");
    assertThat(garbage.releaseDelayed(number, OURS, Instant.ofEpochSecond(2000), BEGIN)).isEmpty();
    assertThat(cli("HKEYS", "delSlices")).isEqualTo("8_5000");
    assertThat(garbage.dead(number, OURS, BEGIN).orElseThrow().slices())
        .containsExactlyInAnyOrder(
            new Slice(1_000_000_000_001L, 10), new Slice(1_000_000_000_002L, 20));
  }

  @Test
  void slicesAreNamedInThreePlaces() {
    format("\"BlockSize\": 4096, \"TrashDays\": 1");
    eval(
        RECORD
            + "redis.call('RPUSH', 'c5_0', record(1000000000001, 10), record(0, 5)) "
            + "redis.call('HSET', 'sliceRef', 'k1000000000002_5', -1, 'k1000000000003_5', 4, 'k7_1', 1) "
            + "redis.call('HSET', 'delSlices', '7_1000', struct.pack('>I8I4I8I4', 1000000000004, 10, 1000000000005, 20))");
    assertThat(named(Place.CHUNKS)).containsExactly(1_000_000_000_001L);
    assertThat(named(Place.COUNTERS))
        .containsExactlyInAnyOrder(1_000_000_000_002L, 1_000_000_000_003L);
    assertThat(named(Place.DELAYED)).containsExactly(1_000_000_000_004L, 1_000_000_000_005L);
  }

  /** Of the member 20,000: beyond what a number of Lua holds. */
  @Test
  void largeIdsAreNamedExactly() {
    format("\"BlockSize\": 4096");
    long chunk = 20_000_000_000_000_003L;
    eval(
        "redis.call('RPUSH', 'c5_0', struct.pack('>I4I4I4I4I4I4', 0, %d, %d, 10, 0, 10)) "
                .formatted(chunk >>> 32, chunk & 0xffff_ffffL)
            + "redis.call('HSET', 'sliceRef', 'k20000000000000005_5', 1)");
    assertThat(named(Place.CHUNKS, chunk - 1, chunk + 1)).containsExactly(chunk);
    assertThat(named(Place.COUNTERS, 20_000_000_000_000_005L, 20_000_000_000_000_005L))
        .containsExactly(20_000_000_000_000_005L);
  }

  private List<Long> named(Place place) {
    return named(place, 1_000_000_000_000L, 1_999_999_999_999L);
  }

  private List<Long> named(Place place, long lowest, long highest) {
    var page = garbage.named(number, OURS, place, BEGIN, lowest, highest).orElseThrow();
    assertThat(page.next()).isEmpty();
    return page.ids();
  }

  private long deleteAll() {
    long done = 0;
    DeletedFiles at = DeletedFiles.BEGIN;
    do {
      at = garbage.deleteFiles(number, OURS, at).orElseThrow();
      done += at.done();
    } while (at.done() > 0 || at.file().isPresent());
    return done;
  }

  private void format(String more) {
    cli("SET", "setting", "{\"UUID\": \"%s\", %s}".formatted(OURS, more));
  }

  private String everything() {
    return String.join(
        "\n",
        cli("KEYS", "*"),
        cli("HGETALL", "sliceRef"),
        cli("ZRANGE", "delfiles", "0", "-1"),
        cli("ZRANGE", "allSessions", "0", "-1"));
  }

  private void eval(String script) {
    var _ = cli("EVAL", script, "0");
  }

  private String cli(String... command) {
    return redis.cli(number.value(), command);
  }
}
