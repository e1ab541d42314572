package io.juicebox.controller.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.KillArgs;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a real Redis. */
@Tag("real")
class RedisConnectionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final LuaScript SIZE =
      LuaScript.of("size", "redis.call('SELECT', ARGV[1]) return redis.call('DBSIZE')");
  private static final LuaScript PUT =
      LuaScript.of("put", "redis.call('SELECT', ARGV[1]) redis.call('SET', 'k', ARGV[2])");
  private static final LuaScript GET =
      LuaScript.of("get", "redis.call('SELECT', ARGV[1]) return redis.call('GET', 'k')");

  private static ClientResources threads;
  private static TestingRedis redis;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start();
    try (var first = connect(TestingBackend.of(redis))) {
      first.number(SIZE, List.of(), "2"); // the first connection of a JVM also loads the classes
    }
  }

  @AfterAll
  static void stop() {
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void aScriptSeesItsDatabaseAndLeavesTheConnectionInItsOwn() {
    try (var connection = connect(TestingBackend.of(redis))) {
      connection.list(PUT, List.of(), "7", "Größe");
      assertThat(connection.text(GET, List.of(), "7")).contains("Größe");
      assertThat(connection.text(GET, List.of(), "8")).isEmpty();
      assertThat(connection.number(SIZE, List.of(), "7")).isEqualTo(1);
      assertThat(connection.<Long>call(c -> c.dbsize())).isEqualTo(0);
    }
  }

  @Test
  void aScriptThatTheServerForgotRunsFromItsText() {
    try (var connection = connect(TestingBackend.of(redis))) {
      connection.number(SIZE, List.of(), "9");
      connection.call(c -> c.scriptFlush());
      assertThat(connection.number(SIZE, List.of(), "9")).isEqualTo(0);
    }
  }

  @Test
  void aRefusedConnectionFailsAtOnce() {
    try (var connection = connect(TestingBackend.of(Map.of()))) {
      assertThatThrownBy(() -> connection.number(SIZE, List.of(), "2"))
          .isInstanceOf(BackendUnavailable.class)
          .hasMessageContaining("Redis at 127.0.0.1:1 is unavailable: Connection refused");
    }
  }

  /** Each time: a refusal must not be taken for an end of the connection. */
  @ParameterizedTest
  @CsvSource({"default,wrong", "nobody,wrong", "default,''", "nobody,''"})
  void wrongAndMissingPasswordsAreToldApartFromAnAbsentServer(String user, String password) {
    var keys = new HashMap<>(Map.of("redis-address", redis.address(), "redis-password", password));
    if (!user.equals("default")) {
      keys.put("redis-user", user);
    }
    try (var connection = connect(TestingBackend.of(keys))) {
      for (int i = 0; i < 300; i++) {
        assertThatThrownBy(() -> connection.number(SIZE, List.of(), "2"))
            .isInstanceOf(Unauthenticated.class)
            .hasMessageContaining("Redis at");
      }
      awaitConnections(user.equals("default") && password.isEmpty() ? 1 : 0);
    }
  }

  /** Those that the server has of us, its own client program apart. */
  private static void awaitConnections(int expected) {
    await()
        .untilAsserted(() ->
            assertThat(redis.cli(0, "CLIENT", "LIST").lines())
                .filteredOn(line -> !line.contains("cmd=client"))
                .hasSize(expected));
  }

  @Test
  void theServerIsToldWhoWeAre() {
    try (var connection = connect(TestingBackend.of(redis))) {
      assertThat(connection.<String>call(c -> c.clientList())).contains("name=juicebox-controller");
    }
  }

  @Test
  void aUserWithoutThePermissionIsForbidden() {
    redis.cli(0, "ACL", "SETUSER", "small", "on", ">pw", "+ping", "+evalsha", "+eval", "+select");
    var keys =
        Map.of("redis-address", redis.address(), "redis-user", "small", "redis-password", "pw");
    try (var connection = connect(TestingBackend.of(keys))) {
      assertThatThrownBy(() -> connection.number(SIZE, List.of(), "2"))
          .isInstanceOf(Forbidden.class);
      assertThatThrownBy(() -> connection.call(c -> c.dbsize())).isInstanceOf(Forbidden.class);
    }
  }

  @Test
  void aFullRedisIsExhausted() {
    try (var full = TestingRedis.start(16);
        var connection = connect(TestingBackend.of(full))) {
      full.cli(0, "CONFIG", "SET", "maxmemory", "1");
      assertThatThrownBy(() -> connection.list(PUT, List.of(), "2", "v"))
          .isInstanceOf(Exhausted.class);
    }
  }

  @Test
  void aServerThatIsBackWorksAtOnce() {
    try (var own = TestingRedis.start(16);
        var connection = connect(TestingBackend.of(own))) {
      connection.list(PUT, List.of(), "2", "kept");
      own.kill();
      assertThatThrownBy(() -> connection.text(GET, List.of(), "2"))
          .isInstanceOf(BackendUnavailable.class);
      own.restart();
      assertThat(connection.text(GET, List.of(), "2")).contains("kept");
    }
  }

  @Test
  void aConnectionThatBreaksUnderACallFailsItAndIsMadeAgain() throws Exception {
    try (var connection = connect(TestingBackend.of(redis));
        var other = connect(TestingBackend.of(redis));
        var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      connection.number(SIZE, List.of(), "2");
      Future<?> waiting = calls.submit(() -> connection.call(c -> c.blpop(30, "never")));
      while (String.valueOf(other.<String>call(c -> c.info("clients")))
          .contains("blocked_clients:0")) {
        Thread.onSpinWait();
      }
      other.call(c -> c.clientKill(KillArgs.Builder.typeNormal().skipme(true)));
      assertThatThrownBy(waiting::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(BackendUnavailable.class);
      assertThat(connection.number(SIZE, List.of(), "2")).isEqualTo(0);
    }
  }

  @Test
  void aSilentServerEndsEveryCallWithinTheTimeout() throws Exception {
    Duration timeout = Duration.ofSeconds(4);
    try (var own = TestingRedis.start(16);
        var connection = new RedisConnection(threads, TestingBackend.of(own), timeout);
        var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      connection.number(SIZE, List.of(), "2");
      Signals.stop(own.pid());
      Callable<Long> call = () -> connection.number(SIZE, List.of(), "2");
      long start = System.nanoTime();
      var first = List.of(calls.submit(call), calls.submit(call), calls.submit(call));
      for (var answer : first) {
        assertThatThrownBy(answer::get).hasCauseInstanceOf(BackendUnavailable.class);
      }
      // One after the other would take three times as long.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(timeout.multipliedBy(3));
      long again = System.nanoTime();
      assertThatThrownBy(call::call).isInstanceOf(BackendUnavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - again)).isLessThan(timeout.multipliedBy(2));
      Signals.resume(own.pid());
      assertThat(call.call()).isEqualTo(0);
    }
  }

  private static RedisConnection connect(BackendConnection backend) {
    return new RedisConnection(threads, backend, TIMEOUT);
  }
}
