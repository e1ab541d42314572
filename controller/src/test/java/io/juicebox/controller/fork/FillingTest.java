package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The steps of two controllers that fill one number, against a real Redis. */
@Tag("real")
class FillingTest {
  private static final Number NUMBER = new Number(2);

  private static ClientResources threads;
  private static TestingRedis redis;
  private static RedisConnection connection;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start(16);
    connection =
        RedisConnection.within(NUMBER, threads, TestingBackend.of(redis), Duration.ofSeconds(8));
  }

  @AfterAll
  static void stop() {
    connection.close();
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @BeforeEach
  void claim() {
    redis.cli(1, "SET", "claim:volume", "5");
    cli("FLUSHDB");
  }

  @Test
  void nothingBeginsOrEndsWithoutTheClaim() {
    assertThat(begin("first")).isEqualTo(1);
    redis.cli(1, "SET", "claim:volume", "6");
    assertThat(settle("first", "{}", "2000000000000")).isZero();
    assertThat(cli("EXISTS", "setting")).isEqualTo("0");
    cli("FLUSHDB");
    assertThat(begin("second")).isZero();
    assertThat(cli("DBSIZE")).isEqualTo("0");
  }

  @Test
  void aServerThatCameBackWithoutAPartTakesNoMore() {
    assertThat(begin("token:0")).isEqualTo(1);
    assertThat(run("write", "token:0", "token:1", "SET", "i1", "1", "a")).isEqualTo(1);
    cli("DEL", "i1");
    cli("SET", "fork", "token:0"); // as it was a moment ago
    assertThat(run("write", "token:1", "token:2", "SET", "i2", "1", "b")).isZero();
    assertThat(settle("token:1", "{}", "2000000000000")).isZero();
    assertThat(cli("EXISTS", "i2", "setting")).isEqualTo("0");
  }

  @Test
  void whoWasAwayChangesNothing() {
    assertThat(begin("first")).isEqualTo(1);
    assertThat(begin("second")).isZero();
    assertThat(
            run("write", "first", "first", "SET", "i1", "1", "old", "RPUSH", "c1_0", "2", "a", "b"))
        .isEqualTo(1);
    assertThat(cli("LRANGE", "c1_0", "0", "-1").lines()).containsExactly("a", "b");

    cli("FLUSHDB"); // the second one clears what the first one left
    assertThat(run("write", "first", "first", "SET", "i1", "1", "old")).isZero();
    assertThat(begin("second")).isEqualTo(1);
    assertThat(run("write", "first", "first", "SET", "i1", "1", "old")).isZero();
    assertThat(settle("first", "{}", "2000000000000")).isZero();
    assertThat(run("write", "second", "second", "SET", "i1", "1", "new", "DEL", "c1_0", "0"))
        .isEqualTo(1);
    assertThat(cli("EXISTS", "setting")).isEqualTo("0");
    assertThat(settle("second", "{}", "2000000000000")).isEqualTo(1);

    assertThat(cli("MGET", "setting", "nextchunk", "i1").lines())
        .containsExactly("{}", "2000000000000", "new");
    assertThat(cli("EXISTS", "fork")).isEqualTo("0");
    assertThat(run("write", "second", "second", "SET", "i1", "1", "late")).isZero();
    assertThat(settle("second", "{}", "3000000000000")).isZero();
    assertThat(begin("third")).isZero();
  }

  private static long begin(String token) {
    return claimed("begin", token);
  }

  private static long settle(String token, String setting, String first) {
    return claimed("settle", token, setting, first);
  }

  private static long claimed(String script, String... more) {
    var arguments = new ArrayList<>(List.of(NUMBER.toString(), "volume", "5"));
    arguments.addAll(List.of(more));
    return connection.number(
        MetadataWriter.claimed(script), List.of(), arguments.toArray(String[]::new));
  }

  private static long run(String script, String... arguments) {
    return connection.number(
        LuaScript.resource(MetadataWriter.class, script), List.of(), arguments);
  }

  private static String cli(String... command) {
    return redis.cli(NUMBER.value(), command);
  }
}
