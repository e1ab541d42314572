package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisReplicas;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Users on a real Redis and its replica. */
@Tag("real")
final class UsersTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Number NUMBER = new Number(7);

  private static TestingRedis master;
  private static TestingRedis replica;
  private static ClientResources resources;
  private static RedisConnection redis;
  private static Users users;

  private final VolumeId volume = VolumeId.random(new BackendName("default"));
  private final Secret password = Secret.random();

  @BeforeAll
  static void start() {
    master = TestingRedis.start();
    replica =
        TestingRedis.start(
            4096, "masterauth " + master.password(), "replicaof 127.0.0.1 " + master.port());
    // One password for both, as replicas have that may become masters.
    replica.cli(0, "CONFIG", "SET", "requirepass", master.password());
    resources = RedisConnection.resources();
    redis = new RedisConnection(resources, TestingBackend.of(master), TIMEOUT);
    users =
        new Users(
            new RedisUsers(redis),
            new RedisReplicas(redis, resources, TestingBackend.of(master), TIMEOUT));
    await().atMost(LIMIT).until(() -> users.servers().size() == 2);
  }

  @AfterAll
  static void stop() {
    redis.close();
    replica.close();
    master.close();
    var _ = resources.shutdown();
  }

  @Test
  void aUserWorksInItsNumberAlone() {
    users.put(CredentialName.first(volume), NUMBER, PasswordHash.of(password));

    assertThat(as(master, password, 7, "SET", "i1", "x")).isEqualTo("OK");
    assertThat(as(master, password, 8, "GET", "i1")).contains("NOPERM");
    assertThat(as(master, password, 7, "EVAL", "return 1", "0")).startsWith("NOPERM");
    assertThat(as(master, Secret.random(), 7, "GET", "i1")).contains("WRONGPASS");
  }

  @Test
  void everyServerHasIt() {
    users.put(CredentialName.first(volume), NUMBER, PasswordHash.of(password));

    assertThat(users.servers()).allMatch(server -> server.names().contains(volume.value()));
    assertThat(as(replica, password, 7, "PING")).isEqualTo("PONG");

    users.remove(CredentialName.first(volume));
    users.remove(CredentialName.first(volume));
    assertThat(users.servers()).noneMatch(server -> server.names().contains(volume.value()));
  }

  @Test
  void anotherPasswordReplacesTheFirst() {
    users.put(CredentialName.first(volume), NUMBER, PasswordHash.of(password));
    Secret second = Secret.random();
    users.put(CredentialName.first(volume), NUMBER, PasswordHash.of(second));

    assertThat(as(master, second, 7, "PING")).isEqualTo("PONG");
    assertThat(as(master, password, 7, "PING")).contains("WRONGPASS");
  }

  @Test
  void usersAreNotSavedWithoutAFileForThem() {
    assertThat(users.servers().getFirst().save()).isFalse();
  }

  @Test
  void aFileKeepsThemOverARestart() {
    try (var server = TestingRedis.startWithAclFile(33)) {
      var connection = new RedisConnection(resources, TestingBackend.of(server), TIMEOUT);
      var saving = new RedisUsers(connection);
      saving.put(volume.value(), Users.rules(NUMBER, PasswordHash.of(password)));
      assertThat(saving.save()).isTrue();
      connection.close();
      server.restart();
      assertThat(as(server, password, 7, "PING")).isEqualTo("PONG");
    }
  }

  private String as(TestingRedis server, Secret secret, int number, String... command) {
    return server.as(volume.value(), secret.reveal(), number, List.of(command));
  }
}
