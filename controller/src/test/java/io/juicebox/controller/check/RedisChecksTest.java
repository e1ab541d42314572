package io.juicebox.controller.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.check.Check.Level;
import io.juicebox.controller.redis.MemoryUse;
import io.juicebox.controller.redis.RedisFacts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RedisChecksTest {
  private static final MemoryUse TENTH = new MemoryUse(100, 1000, 8000);
  private static final String ACL_FILE = "/data/users.acl";

  private static RedisFacts facts(
      String version,
      String mode,
      String role,
      int databases,
      MemoryUse memory,
      String policy,
      boolean appendOnly,
      boolean writeError,
      String appendFsync,
      String aclFile,
      int maxClients) {
    return new RedisFacts(
        version,
        mode,
        role,
        databases,
        memory,
        policy,
        appendOnly,
        writeError,
        Optional.of(appendFsync),
        Optional.of(aclFile),
        OptionalInt.of(maxClients));
  }

  private static RedisFacts good() {
    return server("7.0.15", "standalone", "master");
  }

  private static RedisFacts server(String version, String mode, String role) {
    return facts(
        version, mode, role, 4096, TENTH, "noeviction", true, false, "always", ACL_FILE, 10_000);
  }

  private static RedisFacts room(int databases, MemoryUse memory, String policy, int clients) {
    return facts(
        "7.0.15",
        "standalone",
        "master",
        databases,
        memory,
        policy,
        true,
        false,
        "always",
        ACL_FILE,
        clients);
  }

  private static RedisFacts durable(boolean appendOnly, boolean writeError, String appendFsync) {
    return kept(appendOnly, writeError, appendFsync, ACL_FILE);
  }

  private static RedisFacts users(String aclFile) {
    return kept(true, false, "always", aclFile);
  }

  private static RedisFacts kept(
      boolean appendOnly, boolean writeError, String appendFsync, String aclFile) {
    return facts(
        "7.0.15",
        "standalone",
        "master",
        4096,
        TENTH,
        "noeviction",
        appendOnly,
        writeError,
        appendFsync,
        aclFile,
        10_000);
  }

  @Test
  void aServerAsItShouldBeIsWell() {
    assertThat(RedisChecks.of(good(), OptionalInt.empty(), 0.9))
        .extracting(Check::level)
        .containsOnly(Level.OK);
  }

  static Object[] findings() {
    var nolimit = new MemoryUse(100, 0, 8000);
    return new Object[] {
      finding("redis.version", Level.ERROR, server("6.0.16", "standalone", "master"), "7.0"),
      finding("redis.version", Level.ERROR, server("x", "standalone", "master"), "too old"),
      finding("redis.version", Level.WARN, server("6.2.14", "standalone", "master"), "untried"),
      finding("redis.role", Level.ERROR, server("7.2.4", "cluster", "master"), "Cluster"),
      finding("redis.role", Level.ERROR, server("7.2.4", "standalone", "slave"), "replica"),
      finding("redis.databases", Level.ERROR, room(2, TENTH, "noeviction", 10_000), "room for 0"),
      finding("redis.databases", Level.WARN, room(16, TENTH, "noeviction", 10_000), "room for 14"),
      finding(
          "redis.maxmemory-policy",
          Level.ERROR,
          room(99, TENTH, "allkeys-lru", 9999),
          "noeviction"),
      finding(
          "redis.maxmemory-policy",
          Level.WARN,
          room(99, nolimit, "allkeys-lru", 9999),
          "noeviction"),
      finding(
          "redis.maxmemory-policy",
          Level.WARN,
          room(99, TENTH, "volatile-lru", 9999),
          "noeviction"),
      finding(
          "redis.memory",
          Level.ERROR,
          room(99, new MemoryUse(901, 1000, 0), "noeviction", 9999),
          "no volume will be made"),
      finding("redis.memory", Level.WARN, room(99, nolimit, "noeviction", 9999), "set maxmemory"),
      finding("redis.appendonly", Level.WARN, durable(false, false, "always"), "appendonly yes"),
      finding("redis.appendonly", Level.ERROR, durable(true, true, "always"), "disk"),
      finding("redis.appendfsync", Level.WARN, durable(false, false, "always"), "promises nothing"),
      finding("redis.appendfsync", Level.WARN, durable(true, false, "everysec"), "2 seconds"),
      finding("redis.appendfsync", Level.WARN, durable(true, false, "no"), "30 seconds"),
      finding("redis.aclfile", Level.WARN, users(""), "set `aclfile`"),
      finding("redis.maxclients", Level.WARN, room(99, TENTH, "noeviction", 500), "250 mounts"),
    };
  }

  @ParameterizedTest(name = "{0} {1} {3}")
  @MethodSource("findings")
  void eachFindingSaysWhatToDo(String name, Level level, RedisFacts facts, String words) {
    assertThat(RedisChecks.of(facts, OptionalInt.empty(), 0.9))
        .filteredOn(check -> check.name().equals(name))
        .singleElement()
        .satisfies(check -> {
          assertThat(check.level()).isEqualTo(level);
          assertThat(check.sentence()).contains(words);
        });
  }

  @Test
  void theSettingOfDatabasesLowersTheirNumber() {
    List<Check> checks = RedisChecks.of(good(), OptionalInt.of(12), 0.9);
    assertThat(checks).anyMatch(check -> check.sentence().contains("room for 10 volumes"));
  }

  @Test
  void aServerThatDoesNotTellIsNoError() {
    var silent =
        new RedisFacts(
            "7.0.15",
            "standalone",
            "master",
            4096,
            TENTH,
            "noeviction",
            true,
            false,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty());
    assertThat(RedisChecks.of(silent, OptionalInt.empty(), 0.9))
        .extracting(Check::level)
        .doesNotContain(Level.ERROR);
  }

  private static Arguments finding(String name, Level level, RedisFacts facts, String words) {
    return Arguments.of(name, level, facts, words);
  }
}
