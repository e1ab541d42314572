package io.juicebox.controller.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a real Redis. */
@Tag("real")
class ChangeFeedTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final Number NUMBER = new Number(2);

  private static ClientResources threads;
  private static TestingRedis redis;

  private RedisConnection connection;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start(16);
  }

  @AfterAll
  static void stop() {
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @BeforeEach
  void connect() {
    connection = within(TestingBackend.of(redis));
  }

  @AfterEach
  void disconnect() {
    connection.close();
    cli("FLUSHALL");
  }

  @ParameterizedTest
  @CsvSource({
    "'', Eg$lshzxe",
    "AK, AKE",
    "AKE, AKE",
    "Ex, Exg$lshze",
    "Kt, KtEg$lshzxe",
    "g$lshzxeE, g$lshzxeE"
  })
  void whatTheServerTellsAlreadyIsKept(String before, String after) {
    assertThat(ChangeFeed.with(before)).isEqualTo(after);
  }

  @Test
  void everyKindOfChangeIsToldOnce() {
    cli("SET", "gone", "1");
    try (ChangeFeed feed = connection.follow()) {
      cli("SET", "string", "1");
      cli("INCR", "counter");
      cli("RPUSH", "list", "1");
      cli("HSET", "hash", "f", "1");
      cli("SADD", "set", "1");
      cli("ZADD", "sorted", "1", "m");
      cli("DEL", "gone");
      cli("EVAL", "redis.call('SET', 'scripted', '1')", "0");
      redis.cli(3, "SET", "foreign", "1");
      assertThat(feed.changed())
          .containsExactlyInAnyOrder(
              "string", "counter", "list", "hash", "set", "sorted", "gone", "scripted");
      assertThat(feed.changed()).isEmpty();
    }
  }

  /** Answers of commands overtake events within Lettuce: 150 of these were lost that way. */
  @RepeatedTest(3)
  void allThatCameBeforeIsTold() {
    try (ChangeFeed feed = connection.follow()) {
      cli("EVAL", "for i = 1, 20000 do redis.call('SET', 'i' .. i, i) end", "0");
      assertThat(feed.changed()).hasSize(20_000);
    }
  }

  @Test
  void collectionsAreReadAndThenWritesGoOn() {
    cli("HSET", "hash", "f", "\u0001");
    cli("SADD", "set", "m");
    cli("ZADD", "sorted", "1800000000", "m");
    try (ChangeFeed feed = connection.follow()) {
      cli("SET", "before", "1");
      assertThat(feed.pauseWrites(Duration.ofSeconds(30))).containsExactly("before");
      var last =
          feed.readAndResume(
              List.of(
                  new LargeValue("hash", LargeValue.Kind.HASH),
                  new LargeValue("set", LargeValue.Kind.SET),
                  new LargeValue("sorted", LargeValue.Kind.SORTED_SET)));
      assertThat(last.values())
          .containsExactly(List.of("f", "\u0001"), List.of("m"), List.of("m", "1800000000"));
      assertThat(last.changed()).isEmpty();
      cli("SET", "later", "1"); // waits no more
      assertThat(feed.changed()).containsExactly("later");
    }
  }

  /** Else no copy of a volume that is written to could ever end. */
  @RepeatedTest(5)
  void whoWaitsForThePauseComesAfterItsMark() {
    try (ChangeFeed feed = connection.follow();
        var writers = Executors.newVirtualThreadPerTaskExecutor()) {
      feed.pauseWrites(Duration.ofSeconds(60));
      for (int i = 0; i < 8; i++) {
        String key = "written" + i;
        writers.execute(() -> cli("SET", key, "1"));
      }
      await().until(() -> cli("INFO", "clients").contains("blocked_clients:8"));
      assertThat(feed.readAndResume(List.of()).changed()).isEmpty();
      await().until(() -> cli("DBSIZE").equals("8"));
      assertThat(feed.changed()).hasSize(8);
    }
  }

  @Test
  void aPauseHoldsWritesAndEndsByItself() {
    try (ChangeFeed feed = connection.follow()) {
      long began = System.nanoTime();
      feed.pauseWrites(Duration.ofMillis(300));
      assertThat(cli("GET", "nothing")).isEmpty();
      cli("SET", "written", "1");
      assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(290_000_000);
    }
  }

  @Test
  void aPauseCanBeEnded() {
    try (ChangeFeed feed = connection.follow()) {
      long began = System.nanoTime();
      feed.pauseWrites(Duration.ofSeconds(30));
      new RedisServer(connection).resumeWrites();
      cli("SET", "written", "1");
      assertThat(System.nanoTime() - began).isLessThan(20_000_000_000L);
    }
  }

  @Test
  void aPauseThatAnotherFeedEndsIsNoticed() {
    try (RedisConnection second = within(TestingBackend.of(redis));
        ChangeFeed other = second.follow();
        ChangeFeed feed = connection.follow()) {
      assertThat(other.pauseWrites(Duration.ofMillis(50))).isEmpty();
      cli("SET", "between", "1"); // waits until that one has run out
      assertThat(feed.pauseWrites(Duration.ofSeconds(30))).containsExactly("between");
      assertThat(other.readAndResume(List.of()).changed()).containsExactly("between");
      cli("SET", "written", "1"); // waits no more
      assertThat(feed.readAndResume(List.of()).changed()).containsExactly("written");
    }
  }

  @Test
  void partsOfACollectionAreAllOfIt() {
    cli("EVAL", "for i = 1, 5000 do redis.call('ZADD', 'sorted', i, 'm' .. i) end", "0");
    var sorted = new LargeValue("sorted", LargeValue.Kind.SORTED_SET);
    var first = sorted.part(connection, Optional.empty(), 1_000);
    assertThat(first.next()).isPresent();
    assertThat(first.parts().size()).isBetween(1_000, 4_000);
    var all = new HashSet<>(first.parts());
    for (var part = first; part.next().isPresent(); ) {
      part = sorted.part(connection, part.next(), 1_000);
      all.addAll(part.parts());
    }
    assertThat(all).containsAll(IntStream.rangeClosed(1, 5_000).mapToObj(i -> "m" + i).toList());
  }

  @Test
  void aFeedThatTheServerEndsSaysSo() {
    try (ChangeFeed feed = connection.follow()) {
      redis.cli(0, "CLIENT", "KILL", "TYPE", "pubsub");
      assertThatThrownBy(feed::changed).isInstanceOf(BackendUnavailable.class);
      assertThatThrownBy(feed::requireComplete).isInstanceOf(BackendUnavailable.class);
    }
  }

  @Test
  void aServerThatRefusesItsConfigurationIsNamed() {
    cli("ACL", "SETUSER", "hosted", "on", ">secret", "~*", "&*", "+@all", "-config");
    var keys =
        TestingBackend.of(
            Map.of(
                "redis-address", redis.address(),
                "redis-user", "hosted",
                "redis-password", "secret"));
    try (var hosted = within(keys)) {
      assertThatThrownBy(hosted::follow)
          .isInstanceOf(PreconditionFailed.class)
          .hasMessageContaining("notify-keyspace-events");
    }
  }

  private static RedisConnection within(BackendConnection backend) {
    return RedisConnection.within(NUMBER, threads, backend, TIMEOUT);
  }

  private static String cli(String... command) {
    return redis.cli(NUMBER.value(), command);
  }
}
