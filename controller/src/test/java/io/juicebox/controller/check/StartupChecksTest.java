package io.juicebox.controller.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.check.Check.Level;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsVersion;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real servers, or none. */
@Tag("real")
class StartupChecksTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);

  @Test
  void aRealRedisIsLookedAt() {
    try (var redis = TestingRedis.startWithAclFile(100_000, "maxmemory 100mb", "maxclients 2000")) {
      assertThat(redisChecks(TestingBackend.of(redis)))
          .extracting(Check::level)
          .containsOnly(Level.OK);
      assertThat(redisChecks(TestingBackend.of(redis)))
          .anyMatch(check -> check.sentence().contains("100000 databases, room for 99998"))
          .anyMatch(check -> check.sentence().contains("2000 connections"));
    }
  }

  @Test
  void aRedisThatRefusesConfigIsLookedAtAsFarAsItTells() {
    try (var redis = TestingRedis.start(33, "rename-command CONFIG \"\"", "appendfsync no")) {
      assertThat(redisChecks(TestingBackend.of(redis)))
          .anyMatch(check -> check.sentence().contains("33 databases"))
          .anyMatch(check ->
              check.name().equals("redis.appendfsync")
                  && check.sentence().contains("does not tell"));
    }
    try (var redis = TestingRedis.start(33)) {
      redis.cli(0, "ACL", "SETUSER", "hosted", "on", ">pw", "~*", "+@all", "-config");
      var keys =
          Map.of("redis-address", redis.address(), "redis-user", "hosted", "redis-password", "pw");
      assertThat(redisChecks(TestingBackend.of(keys)))
          .extracting(Check::level)
          .doesNotContain(Level.ERROR);
    }
  }

  @Test
  void aFullRedisAdmitsNothing() {
    try (var redis = TestingRedis.start(16, "maxmemory 1mb")) {
      withServer(
          TestingBackend.of(redis),
          server -> {
            assertThat(server.full(0.9).orElseThrow()).hasMessageContaining("raise its maxmemory");
            redis.cli(0, "CONFIG", "SET", "maxmemory", "1gb");
            assertThat(server.full(0.9)).isEmpty();
          });
    }
  }

  @Test
  void serversThatAreAwayAreFindings() {
    assertThat(redisChecks(TestingBackend.of(Map.of())))
        .singleElement()
        .satisfies(check -> {
          assertThat(check.level()).isEqualTo(Level.ERROR);
          assertThat(check.sentence()).contains("Redis at 127.0.0.1:1", "refused");
        });
    try (var store = new S3ObjectStore(TestingBackend.of(Map.of()), TIMEOUT)) {
      assertThat(StartupChecks.objectStore(store, "juicebox"))
          .singleElement()
          .satisfies(check -> assertThat(check.level()).isEqualTo(Level.ERROR));
    }
  }

  @Test
  void juicefsIsThereAndNewEnough() {
    assertThat(StartupChecks.juicefs(new Juicefs(Tools.program("juicefs"))))
        .extracting(Check::level)
        .containsExactly(Level.OK);
    assertThat(StartupChecks.juicefs(new Juicefs(Path.of("/nowhere/juicefs"))))
        .extracting(Check::level)
        .containsExactly(Level.ERROR);
    assertThat(StartupChecks.version("v", Optional.of(new JuicefsVersion(1, 4, 1))).level())
        .isEqualTo(Level.ERROR);
    assertThat(StartupChecks.version("v", Optional.empty()).level()).isEqualTo(Level.ERROR);
  }

  private interface Look {
    void at(RedisServer server);
  }

  private static List<Check> redisChecks(BackendConnection backend) {
    var checks = new ArrayList<Check>();
    withServer(
        backend, server -> checks.addAll(StartupChecks.redis(server, OptionalInt.empty(), 0.9)));
    return checks;
  }

  private static void withServer(BackendConnection backend, Look look) {
    var threads = RedisConnection.resources();
    try (var connection = new RedisConnection(threads, backend, TIMEOUT)) {
      look.at(new RedisServer(connection));
    } finally {
      threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }
}
