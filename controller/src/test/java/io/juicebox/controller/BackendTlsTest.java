package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.object.ObjectStore.Bucket;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestingAuthority;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real Redis and a real MinIO that speak TLS only. */
@Tag("real")
class BackendTlsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);

  private static ClientResources threads;
  private static TestingAuthority authority;
  private static TestingAuthority other;
  private static TestingRedis redis;
  private static TestingMinio minio;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    authority = TestingAuthority.create();
    other = TestingAuthority.create();
    redis = TestingRedis.start(authority, authority.loopback());
    minio = TestingMinio.start(authority, authority.loopback());
  }

  @AfterAll
  static void stop() {
    minio.close();
    redis.close();
    other.close();
    authority.close();
    var _ = threads.shutdown();
  }

  @Test
  void bothServersAreReached() {
    assertThat(ping(redisKeys())).isEqualTo("PONG");
    assertThat(find(objectKeys())).isEqualTo(Bucket.ABSENT);
  }

  @Test
  void aClientCertificateIsNotNeededWhereNobodyAsksForIt() {
    try (var open = TestingRedis.start(authority, authority.loopback(), "tls-auth-clients no")) {
      var keys = redisKeys();
      keys.keySet().removeAll(Set.of("redis-certificate", "redis-key"));
      keys.put("redis-address", open.address());
      keys.put("redis-password", open.password());
      assertThat(ping(keys)).isEqualTo("PONG");
    }
  }

  @Test
  void anAuthorityThatDidNotSignIsNamed() {
    for (var wrong : new String[] {other.certificateText(), ""}) {
      var keys = redisKeys();
      keys.put("redis-ca", wrong);
      refused(
          () -> ping(keys),
          BackendUnavailable.class,
          "Redis at "
              + redis.address().substring(9)
              + " is unavailable: its certificate is not"
              + " trusted, set redis-ca to that of the authority that signed it");
      var objects = objectKeys();
      objects.put("object-ca", wrong);
      refused(
          () -> find(objects),
          BackendUnavailable.class,
          "the object store at "
              + minio.endpoint().substring(8)
              + " is unavailable: its"
              + " certificate is not trusted, set object-ca to that of the authority that signed it");
    }
  }

  @Test
  void aCertificateForAnotherNameIsRefused() {
    var elsewhere = authority.identity("elsewhere", "dns:redis.example");
    try (var named = TestingRedis.start(authority, elsewhere);
        var store = TestingMinio.start(authority, elsewhere)) {
      var keys = redisKeys();
      keys.put("redis-address", named.address());
      refused(
          () -> ping(keys),
          BackendUnavailable.class,
          "its certificate is for another name than that in redis-address");
      var objects = objectKeys();
      objects.put("object-endpoint", store.endpoint());
      refused(
          () -> find(objects),
          BackendUnavailable.class,
          "its certificate is for another name than that in object-endpoint");
    }
  }

  /** Each time: a refusal must not be taken for an end of the connection. */
  @RepeatedTest(20)
  void aMissingClientCertificateIsUnauthenticated() {
    var keys = redisKeys();
    keys.keySet().removeAll(Set.of("redis-certificate", "redis-key"));
    refused(() -> ping(keys), Unauthenticated.class, "set redis-certificate and redis-key");
  }

  @RepeatedTest(20)
  void aClientCertificateOfSomebodyElseIsUnauthenticated() {
    var keys = redisKeys();
    keys.put("redis-certificate", other.loopback().certificateText());
    keys.put("redis-key", other.loopback().keyText());
    refused(() -> ping(keys), Unauthenticated.class, "see redis-certificate");
  }

  @Test
  void aServerWithoutTlsIsUnavailable() {
    try (var plain = TestingRedis.start(16)) {
      var keys = redisKeys();
      keys.put("redis-address", "rediss://127.0.0.1:" + plain.port());
      refused(() -> ping(keys), BackendUnavailable.class, "Redis at");
    }
  }

  @Test
  void aSilentServerEndsTheCallWithinTheTimeout() {
    Signals.stop(redis.pid());
    try {
      long start = System.nanoTime();
      refused(() -> ping(redisKeys()), BackendUnavailable.class, "Redis at");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.multipliedBy(2));
    } finally {
      Signals.resume(redis.pid());
    }
  }

  private static void refused(
      Runnable call, Class<? extends DriverException> type, String message) {
    assertThatThrownBy(call::run).isInstanceOf(type).hasMessageContaining(message);
  }

  private static String ping(Map<String, String> keys) {
    try (var connection = new RedisConnection(threads, TestingBackend.of(keys), TIMEOUT)) {
      return String.valueOf(connection.<String>call(c -> c.ping()));
    }
  }

  private static Bucket find(Map<String, String> keys) {
    try (var store = new S3ObjectStore(TestingBackend.of(keys), TIMEOUT)) {
      return store.find("no-such-bucket");
    }
  }

  private static Map<String, String> redisKeys() {
    var client = authority.identity("client", "dns:client");
    return new HashMap<>(
        Map.of(
            "redis-address", redis.address(),
            "redis-password", redis.password(),
            "redis-ca", authority.certificateText(),
            "redis-certificate", client.certificateText(),
            "redis-key", client.keyText()));
  }

  private static Map<String, String> objectKeys() {
    return new HashMap<>(
        Map.of(
            "object-endpoint", minio.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey(),
            "object-ca", authority.certificateText()));
  }
}
