package io.juicebox.node.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Against a real Redis and a real MinIO. */
@Tag("real")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RemoteBackendTest {
  private static final String BUCKET = "blocks";
  private static final Duration LIMIT = Duration.ofSeconds(4);

  /** juicefs.md: the user of one volume. */
  private static final String ACL =
      "reset on >secret resetchannels ~* -@all +select|7 +ping +info +cluster|info +get +set +setnx"
          + " +mget +mset +del +exists +incr +incrby +decr +decrby +hget +hset +hsetnx +hmget +hmset"
          + " +hdel +hlen +hkeys +hgetall +hexists +hincrby +hscan +sadd +srem +smembers +zadd +zrem"
          + " +zscore +zrange +zrangebyscore +rpush +rpushx +lpush +lrange +llen +ltrim"
          + " +watch +unwatch +multi +exec +discard";

  private final TestingRedis redis = TestingRedis.start();
  private final TestingMinio minio = TestingMinio.start();
  private final RemoteBackend backend = new RemoteBackend(LIMIT);
  private final UUID uuid = UUID.randomUUID();
  private final VolumeContext volume = context(7, uuid, "default-aaaaaaaaaaaaaaaaaaaa", BUCKET);

  @BeforeAll
  void seed() throws Exception {
    var client =
        MinioClient.builder()
            .endpoint(minio.endpoint())
            .credentials(minio.accessKey(), minio.secretKey())
            .build();
    client.makeBucket(MakeBucketArgs.builder().bucket(BUCKET).build());
    client.putObject(
        PutObjectArgs.builder().bucket(BUCKET).object(volume.lineage().ownerKey()).stream(
                new ByteArrayInputStream(new byte[] {'x'}), 1, -1)
            .build());
    client.close();
  }

  @BeforeEach
  void format() { // also the user: Redis forgets it when it restarts
    var rules = new ArrayList<>(List.of("ACL", "SETUSER", "volume"));
    rules.addAll(List.of(ACL.split(" ", -1)));
    redis.cli(0, rules.toArray(String[]::new));
    redis.cli(7, "FLUSHDB");
    redis.cli(7, "SET", "setting", "{\"Name\":\"x\",\"UUID\":\"" + uuid + "\"}");
  }

  @AfterAll
  void stop() {
    backend.close();
    redis.close();
    minio.close();
  }

  @Test
  void rightKeysAreProven() {
    assertThat(prove(volume, connection(Map.of()))).isEmpty();
  }

  @Test
  void theVolumesOwnUserIsEnough() {
    redis.cli(0, "ACL", "LOG", "RESET");
    var session = session(5, "node-a", future());
    var own = connection(Map.of("redis-user", "volume", "redis-password", "secret"));
    assertThat(prove(volume, own)).containsExactly(session);
    backend.release(volume, own, List.of(session));
    assertThat(redis.cli(0, "ACL", "LOG")).isEmpty();
  }

  @Test
  void passwordIsProvenByEachCall() {
    var own = connection(Map.of("redis-user", "volume", "redis-password", "secret"));
    prove(volume, own);
    redis.cli(0, "ACL", "SETUSER", "volume", "resetpass", ">changed");
    refused(
        volume,
        Map.of("redis-user", "volume", "redis-password", "secret"),
        Unauthenticated.class,
        "Redis at");
    prove(volume, connection(Map.of("redis-user", "volume", "redis-password", "changed")));
  }

  @Test
  void liveSessionsAreAnsweredAndExpiredOnesNot() {
    var live = session(5, "node-a", future());
    session(6, "node-b", 1000);
    assertThat(backend.sessions(volume, connection(Map.of()))).containsExactly(live);
  }

  @Test
  void sessionsThatNoJuicefsWroteAreNone() {
    var live = session(5, "node-a", future());
    redis.cli(7, "ZADD", "allSessions", "inf", "none", "1e300", "-1");
    assertThat(backend.sessions(volume, connection(Map.of()))).containsExactly(live);
  }

  @Test
  void releasedSessionHoldsNoLockAndExpires() {
    var dead = session(5, "node-a", future());
    redis.cli(7, "SADD", "locked5", "lockf10", "lockp11");
    redis.cli(7, "HSET", "lockf10", "5_A1", "W", "55_A1", "R");
    redis.cli(7, "HSET", "lockp11", "5_A1", "x");
    backend.release(volume, connection(Map.of()), List.of(dead));
    backend.release(volume, connection(Map.of()), List.of(dead));
    assertThat(redis.cli(7, "HKEYS", "lockf10")).isEqualTo("55_A1");
    assertThat(redis.cli(7, "EXISTS", "lockp11", "locked5")).isEqualTo("0");
    assertThat(backend.sessions(volume, connection(Map.of()))).isEmpty();
  }

  @Test
  void wrongRedisPasswordIsUnauthenticated() {
    refused(volume, Map.of("redis-password", "wrong"), Unauthenticated.class, "Redis at");
  }

  @Test
  void missingRedisPasswordIsUnauthenticated() {
    refused(volume, Map.of("redis-password", ""), Unauthenticated.class, "Redis at");
  }

  /** Each time: a refusal must not be taken for an end of the connection. */
  @RepeatedTest(200)
  void unknownRedisUserIsUnauthenticated() {
    refused(volume, Map.of("redis-user", "nobody"), Unauthenticated.class, "Redis at");
  }

  @Test
  void userOfAnotherNumberIsForbidden() {
    refused(
        context(8, uuid, volume.lineage().value(), BUCKET),
        Map.of("redis-user", "volume", "redis-password", "secret"),
        Forbidden.class,
        "Redis at");
  }

  @Test
  void numberThatRedisHasNotIsSaid() {
    refused(
        context(100_000, uuid, volume.lineage().value(), BUCKET),
        Map.of(),
        PreconditionFailed.class,
        "100000");
  }

  @Test
  void emptyNumberIsNotFound() {
    refused(
        context(9, uuid, volume.lineage().value(), BUCKET), Map.of(), NotFound.class, "is empty");
  }

  @Test
  void numberOfAnotherVolumeIsNotFound() {
    refused(
        context(7, UUID.randomUUID(), volume.lineage().value(), BUCKET),
        Map.of(),
        NotFound.class,
        "another volume");
  }

  @Test
  void unknownAccessKeyIsUnauthenticated() {
    refused(volume, Map.of("object-access-key", "nobody"), Unauthenticated.class, "object store");
  }

  @Test
  void wrongSecretKeyIsUnauthenticated() {
    refused(volume, Map.of("object-secret-key", "wrong"), Unauthenticated.class, "object store");
  }

  @Test
  void missingBucketIsNamed() {
    refused(
        context(7, uuid, volume.lineage().value(), "no-such-bucket"),
        Map.of(),
        PreconditionFailed.class,
        "bucket no-such-bucket");
  }

  @Test
  void missingOwnerIsNamed() {
    refused(
        context(7, uuid, "default-bbbbbbbbbbbbbbbbbbbb", BUCKET),
        Map.of(),
        PreconditionFailed.class,
        "default-bbbbbbbbbbbbbbbbbbbb/owner");
  }

  @Test
  void redisThatIsAwayIsNamedAndTakenUpAgain() {
    redis.stop();
    try {
      refused(volume, Map.of(), BackendUnavailable.class, "Redis at");
    } finally {
      redis.restart();
    }
    assertThatCode(() -> prove(volume, connection(Map.of()))).doesNotThrowAnyException();
  }

  @Test
  void objectStoreThatIsAwayIsNamedAndTakenUpAgain() {
    prove(volume, connection(Map.of())); // leaves a connection that will be dead
    minio.stop();
    try {
      refused(volume, Map.of(), BackendUnavailable.class, "object store");
    } finally {
      minio.restart();
    }
    assertThatCode(() -> prove(volume, connection(Map.of()))).doesNotThrowAnyException();
  }

  @Test
  void frozenRedisIsUnavailableInTime() throws Exception {
    frozen(redis.pid(), "Redis at");
  }

  @Test
  void frozenObjectStoreIsUnavailableInTime() throws Exception {
    frozen(minio.pid(), "object store");
  }

  private void frozen(long pid, String server) throws IOException, InterruptedException {
    Signals.stop(pid);
    try {
      refused(volume, Map.of(), BackendUnavailable.class, server);
    } finally {
      Signals.resume(pid);
    }
  }

  private void refused(
      VolumeContext context,
      Map<String, String> changed,
      Class<? extends DriverException> type,
      String text) {
    long began = System.nanoTime();
    var connection = connection(changed);
    assertThatThrownBy(() -> prove(context, connection))
        .isInstanceOf(type)
        .hasMessageContaining(text)
        .satisfies(
            e -> assertThat(e.getMessage()).doesNotContain(redis.password(), minio.secretKey()));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMIT.multipliedBy(2));
  }

  private List<Session> prove(VolumeContext context, BackendConnection connection) {
    return backend.prove(context, connection).sessions();
  }

  private BackendConnection connection(Map<String, String> changed) {
    var keys =
        new HashMap<>(
            Map.of(
                "redis-address", redis.address(),
                "redis-password", redis.password(),
                "object-endpoint", minio.endpoint(),
                "object-access-key", minio.accessKey(),
                "object-secret-key", minio.secretKey()));
    keys.putAll(changed);
    return BackendConnection.from("secrets", keys);
  }

  private Session session(long id, String host, long expiry) {
    redis.cli(7, "ZADD", "allSessions", Long.toString(expiry), Long.toString(id));
    redis.cli(
        7,
        "HSET",
        "sessionInfos",
        Long.toString(id),
        "{\"HostName\":\"%s\",\"MountPoint\":\"/m\",\"ProcessID\":42}".formatted(host));
    return new Session(id, host, 42, "/m");
  }

  private static long future() {
    return System.currentTimeMillis() / 1000 + 60;
  }

  private static VolumeContext context(int number, UUID uuid, String lineage, String bucket) {
    return new VolumeContext(
        new Number(number),
        new Lineage(lineage),
        uuid,
        bucket,
        CacheClass.SINGLE,
        new MountParameters(
            1L << 30,
            Optional.empty(),
            64L << 20,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            false));
  }
}
