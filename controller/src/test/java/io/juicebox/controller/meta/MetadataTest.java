package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.format.NewFilesystem;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RootDirectory;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real Redis and filesystems that the real juicefs formatted. */
@Tag("real")
class MetadataTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final Duration BUDGET = Duration.ofSeconds(20);
  private static final Lineage LINEAGE = new Lineage("default-abcdefghij0123456789");
  private static final Capacity GIB = new Capacity(1L << 30);
  private static final RootDirectory ROOT = new RootDirectory(1000, 4_000_000_000L, 02750);
  private static final UUID OTHER = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final AtomicInteger NEXT = new AtomicInteger(2);

  private static ClientResources threads;
  private static TestingRedis redis;
  private static BackendConnection backend;
  private static RedisConnection connection;
  private static Metadata metadata;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start();
    backend = TestingBackend.of(redis);
    connection = new RedisConnection(threads, backend, TIMEOUT);
    metadata = new Metadata(connection);
  }

  @AfterAll
  static void stop() {
    connection.close();
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void aFormattedNumberHasASettingAndNoKeysOfTheObjectStore() {
    Number number = formatted();
    FilesystemSetting setting = metadata.setting(number).orElseThrow();
    assertThat(setting.name()).isEqualTo(LINEAGE.value());
    assertThat(setting.bucket()).isEqualTo("http://127.0.0.1:1/juicebox");
    assertThat(setting.capacity()).isEqualTo(GIB.bytes());
    assertThat(setting.inodes()).isEqualTo(5000);
    assertThat(text(number, "setting"))
        .contains("\"Compression\": \"lz4\"", "\"BlockSize\": 64", "\"TrashDays\": 3")
        .doesNotContain("AccessKey", "SecretKey", "nobody", "nothing");
  }

  @Test
  void anEmptyNumberHasNoSetting() {
    Number number = next();
    assertThat(metadata.setting(number)).isEmpty();
    assertThat(metadata.isEmpty(number)).isTrue();
    assertThat(metadata.usage(number)).isEqualTo(new Usage(0, 0));
    assertThat(metadata.liveSessions(number)).isEmpty();
  }

  @Test
  void whatIsMadeIsWhatJuicefsItselfWrites() throws InterruptedException {
    Number number = next();
    metadata.make(number, filesystem(GIB), new Member(3), new RootDirectory(0, 0, 0777));
    Number reference = next();
    new Juicefs(Tools.program("juicefs"))
        .run(
            List.of(
                "--no-agent",
                "format",
                "--storage",
                "minio",
                "--bucket",
                "http://127.0.0.1:1/juicebox",
                "--trash-days",
                "3",
                redis.address() + "/" + reference,
                "reference"),
            Map.of("META_PASSWORD", redis.password(), "JFS_NO_CHECK_OBJECT_STORAGE", "1"),
            Duration.ofSeconds(20));
    assertThat(keys(number)).containsAll(keys(reference)).hasSize(keys(reference).size() + 1);
    for (String directory : List.of("i1", "i9223372032828243968")) {
      assertThat(withoutTimes(number, directory)).isEqualTo(withoutTimes(reference, directory));
    }
    assertThat(text(number, "nextchunk")).isEqualTo("3000000000000");
  }

  @Test
  void theFirstFilesystemStays() {
    Number number = next();
    FilesystemSetting first = metadata.make(number, filesystem(GIB), new Member(3), ROOT);
    redis.cli(number.value(), "INCRBY", "nextchunk", "4096");
    String root = redis.cli(number.value(), "--no-raw", "GET", "i1");

    assertThat(metadata.make(number, filesystem(Capacity.SMALLEST), Member.FIRST, ROOT))
        .isEqualTo(first);
    assertThat(metadata.setting(number)).contains(first);
    assertThat(text(number, "nextchunk")).isEqualTo("3000000004096");
    assertThat(redis.cli(number.value(), "--no-raw", "GET", "i1")).isEqualTo(root);
  }

  @Test
  void nothingIsMadeWhereSomethingElseIs() {
    Number number = next();
    redis.cli(number.value(), "SET", "setting", "somebody's");
    assertThatThrownBy(() -> metadata.make(number, filesystem(GIB), Member.FIRST, ROOT))
        .isInstanceOf(PreconditionFailed.class);
    assertThat(keys(number)).containsExactly("setting");
  }

  @Test
  void resizeChangesTheCapacityOnly() {
    Number number = formatted();
    FilesystemSetting before = metadata.setting(number).orElseThrow();
    metadata.resize(number, before.uuid(), new Capacity(5L << 30));
    metadata.resize(number, before.uuid(), new Capacity(5L << 30));
    assertThat(metadata.setting(number))
        .contains(
            new FilesystemSetting(
                before.uuid(), before.name(), before.bucket(), 5L << 30, before.inodes()));
  }

  @Test
  void resizesAtOnceAllEndAndOneOfThemWins() throws Exception {
    Number number = formatted();
    UUID uuid = metadata.setting(number).orElseThrow().uuid();
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var all =
          IntStream.rangeClosed(2, 9)
              .mapToObj(gib ->
                  calls.submit(() -> metadata.resize(number, uuid, new Capacity((long) gib << 30))))
              .toList();
      for (var call : all) {
        call.get();
      }
    }
    assertThat(metadata.setting(number).orElseThrow().capacity() >> 30).isBetween(2L, 9L);
  }

  @Test
  void anotherFilesystemIsNeitherResizedNorDropped() {
    Number number = formatted();
    String before = text(number, "setting");
    assertThatThrownBy(() -> metadata.resize(number, OTHER, new Capacity(4096)))
        .isInstanceOf(PreconditionFailed.class);
    assertThatThrownBy(() -> metadata.drop(number, OTHER, BUDGET))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(metadata.setting(number).orElseThrow().uuid().toString());
    assertThatThrownBy(() -> metadata.clear(number, BUDGET)).isInstanceOf(PreconditionFailed.class);
    assertThat(text(number, "setting")).isEqualTo(before);
  }

  @Test
  void somethingElseInANumberIsNeverTouched() {
    Number number = next();
    for (String text : new String[] {"hello", "5", "[]", "{}", "null"}) {
      redis.cli(number.value(), "SET", "setting", text);
      assertThatThrownBy(() -> metadata.setting(number)).isInstanceOf(PreconditionFailed.class);
      assertThatThrownBy(() -> metadata.drop(number, OTHER, BUDGET))
          .isInstanceOf(PreconditionFailed.class);
    }
    assertThat(metadata.isEmpty(number)).isFalse();
  }

  @Test
  void aDroppedNumberIsEmptyAndOthersAreNot() {
    Number neighbour = formatted();
    Number number = formatted();
    UUID uuid = metadata.setting(number).orElseThrow().uuid();
    assertThat(metadata.drop(number, uuid, BUDGET)).isTrue();
    assertThat(metadata.isEmpty(number)).isTrue();
    assertThat(metadata.drop(number, uuid, BUDGET)).isTrue();
    assertThat(metadata.setting(neighbour)).isPresent();
  }

  @Test
  void keysThatALateClientWroteAreDroppedToo() {
    Number number = next();
    redis.cli(number.value(), "ZADD", "allSessions", "1", "7");
    assertThat(metadata.clear(number, BUDGET)).isTrue();
    redis.cli(number.value(), "ZADD", "allSessions", "1", "7");
    assertThat(metadata.drop(number, OTHER, BUDGET)).isTrue();
    assertThat(metadata.isEmpty(number)).isTrue();
  }

  @Test
  void aServerWithoutFlushdbIsDroppedInSteps() {
    try (var hardened = TestingRedis.start(16, "rename-command FLUSHDB \"\"");
        var own = new RedisConnection(threads, TestingBackend.of(hardened), TIMEOUT)) {
      var there = new Metadata(own);
      Number number = new Number(5);
      String uuid = OTHER.toString();
      hardened.cli(5, "SET", "setting", "{\"UUID\": \"%s\"}".formatted(uuid));
      String fill = "for i = 1, 10000 do redis.call('SET', 'i' .. i, '') end";
      hardened.cli(5, "EVAL", fill, "0");

      assertThat(there.drop(number, OTHER, Duration.ZERO)).isFalse();
      assertThat(hardened.cli(5, "EXISTS", "setting")).isEqualTo("1");
      assertThat(Integer.parseInt(hardened.cli(5, "DBSIZE"))).isBetween(5000, 10000);
      assertThatThrownBy(() -> there.drop(number, new UUID(1, 1), BUDGET))
          .isInstanceOf(PreconditionFailed.class);

      assertThat(there.drop(number, OTHER, BUDGET)).isTrue();
      assertThat(there.isEmpty(number)).isTrue();
      hardened.cli(5, "EVAL", fill, "0");
      assertThat(there.clear(number, BUDGET)).isTrue();
      assertThat(there.isEmpty(number)).isTrue();
    }
  }

  @Test
  void onlyAnUnusedFilesystemIsWithdrawn() {
    Number number = formatted();
    UUID uuid = metadata.setting(number).orElseThrow().uuid();
    assertThat(metadata.withdraw(number, OTHER)).isFalse();
    String later = Long.toString(Instant.now().getEpochSecond() + 60);
    redis.cli(number.value(), "ZADD", "allSessions", later, "1");
    assertThat(metadata.withdraw(number, uuid)).isFalse();
    assertThat(metadata.setting(number)).isPresent();

    redis.cli(number.value(), "ZADD", "allSessions", "1", "1");
    assertThat(metadata.withdraw(number, uuid)).isTrue();
    assertThat(metadata.setting(number)).isEmpty();
    assertThat(metadata.withdraw(number, uuid)).isFalse();
    assertThat(metadata.drop(number, uuid, BUDGET)).isTrue();
    assertThat(metadata.isEmpty(number)).isTrue();
  }

  @Test
  void liveSessionsAreThoseThatHaveNotExpired() {
    Number number = next();
    long now = Instant.now().getEpochSecond();
    redis.cli(number.value(), "ZADD", "allSessions", Long.toString(now - 1), "1");
    redis.cli(number.value(), "ZADD", "allSessions", Long.toString(now + 60), "2");
    redis.cli(number.value(), "ZADD", "allSessions", Long.toString(now + 61), "3");
    redis.cli(
        number.value(),
        "HSET",
        "sessionInfos",
        "2",
        "{\"HostName\":\"node-a\",\"MountPoint\":\"/m\",\"ProcessID\":17601}");
    assertThat(metadata.liveSessions(number))
        .containsExactly(new Session("2", "node-a", 17601, "/m"), new Session("3", "", 0, ""));
  }

  @Test
  void whateverAThiefWritesIntoTheNumberIsRead() {
    Number number = formatted();
    redis.cli(number.value(), "ZADD", "allSessions", "inf", "none", "1e300", "-1");
    redis.cli(number.value(), "HSET", "sessionInfos", "none", "[", "-1", "\"x\"");
    redis.cli(number.value(), "SET", "usedSpace", "much");
    redis.cli(number.value(), "SET", "totalInodes", "99999999999999999999");
    assertThat(metadata.liveSessions(number)).extracting(Session::id).containsOnly("none", "-1");
    assertThat(metadata.usage(number)).isEqualTo(new Usage(0, 0));
  }

  @Test
  void aThiefsManySessionsAreNotAllRead() {
    Number number = next();
    for (int i = 0; i < 20; i++) {
      redis.cli(number.value(), "ZADD", "allSessions", "inf", Integer.toString(i));
    }
    assertThat(metadata.liveSessions(number)).hasSize(10);
  }

  @Test
  void keysOfAnotherKindAreSomebodyElses() {
    Number number = next();
    redis.cli(number.value(), "RPUSH", "setting", "x");
    assertThatThrownBy(() -> metadata.setting(number)).isInstanceOf(PreconditionFailed.class);
    assertThatThrownBy(() -> metadata.drop(number, UUID.randomUUID(), BUDGET))
        .isInstanceOf(PreconditionFailed.class);
  }

  private static Number next() {
    return new Number(NEXT.getAndIncrement());
  }

  private static Number formatted() {
    Number number = next();
    metadata.make(number, filesystem(GIB), Member.FIRST, ROOT);
    return number;
  }

  private static NewFilesystem filesystem(Capacity capacity) {
    return new Formatter(new Juicefs(Tools.program("juicefs")), TIMEOUT)
        .format(
            backend,
            LINEAGE,
            "juicebox",
            capacity,
            new FormatParameters(Compression.LZ4, 64 << 10, 3, 5000));
  }

  private static List<String> keys(Number number) {
    return redis.cli(number.value(), "KEYS", "*").lines().sorted().toList();
  }

  /** Flags, mode and owners, then links, length, device and parent. */
  private static String withoutTimes(Number number, String inode) {
    return redis.cli(number.value(), "--no-raw", "GETRANGE", inode, "0", "10")
        + redis.cli(number.value(), "--no-raw", "GETRANGE", inode, "47", "-1");
  }

  private static String text(Number number, String key) {
    return redis.cli(number.value(), "GET", key);
  }
}
