package io.juicebox.node.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestingAuthority;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real Redis and a real MinIO that speak TLS only. */
@Tag("real")
class BackendTlsTest {
  private static final Duration LIMIT = Duration.ofSeconds(4);
  private static final VolumeContext VOLUME =
      new VolumeContext(
          new Number(7),
          new Lineage("default-aaaaaaaaaaaaaaaaaaaa"),
          UUID.fromString("11111111-2222-3333-4444-555555555555"),
          "no-such-bucket",
          CacheClass.SINGLE,
          new MountParameters(
              1L << 30,
              Optional.empty(),
              64L << 20,
              OptionalLong.empty(),
              OptionalLong.empty(),
              OptionalLong.empty(),
              false));

  private static TestingAuthority authority;
  private static TestingAuthority other;
  private static TestingRedis redis;
  private static TestingMinio minio;
  private static RemoteBackend backend;

  @BeforeAll
  static void start() {
    authority = TestingAuthority.create();
    other = TestingAuthority.create();
    redis = TestingRedis.start(authority, authority.loopback());
    minio = TestingMinio.start(authority, authority.loopback());
    backend = new RemoteBackend(LIMIT);
    redis.cli(7, "SET", "setting", "{\"UUID\":\"" + VOLUME.uuid() + "\"}");
  }

  @AfterAll
  static void stop() {
    backend.close();
    minio.close();
    redis.close();
    other.close();
    authority.close();
  }

  @Test
  void bothServersAreReached() {
    assertThat(backend.sessions(VOLUME, connection(keys()))).isEmpty();
    refused(keys(), PreconditionFailed.class, "bucket no-such-bucket is missing");
  }

  @Test
  void otherKeysAreProvenAnewWhileAConnectionIsKept() {
    assertThat(backend.sessions(VOLUME, connection(keys()))).isEmpty();
    var keys = keys();
    keys.put("redis-ca", other.certificateText());
    refused(keys, BackendUnavailable.class, "not trusted, set redis-ca");
    keys.put("redis-ca", other.certificateText() + authority.certificateText());
    refused(keys, PreconditionFailed.class, "bucket no-such-bucket is missing");
  }

  @Test
  void anAuthorityThatDidNotSignIsNamed() {
    for (var key : Set.of("redis-ca", "object-ca")) {
      for (var wrong : new String[] {other.certificateText(), ""}) {
        var keys = keys();
        keys.put(key, wrong);
        refused(
            keys,
            BackendUnavailable.class,
            "is unavailable: its certificate is not trusted, set " + key);
      }
    }
  }

  @Test
  void aCertificateForAnotherNameIsRefused() {
    var elsewhere = authority.identity("elsewhere", "dns:redis.example");
    try (var named = TestingRedis.start(authority, elsewhere);
        var store = TestingMinio.start(authority, elsewhere)) {
      var keys = keys();
      keys.put("object-endpoint", store.endpoint());
      refused(
          keys,
          BackendUnavailable.class,
          "its certificate is for another name than that in object-endpoint");
      keys.put("redis-address", named.address());
      refused(
          keys,
          BackendUnavailable.class,
          "its certificate is for another name than that in redis-address");
    }
  }

  /** Each time: a refusal must not be taken for an end of the connection. */
  @RepeatedTest(20)
  void aMissingClientCertificateIsUnauthenticated() {
    var keys = keys();
    keys.keySet().removeAll(Set.of("redis-certificate", "redis-key"));
    refused(keys, Unauthenticated.class, "set redis-certificate and redis-key");
  }

  @RepeatedTest(20)
  void aClientCertificateOfSomebodyElseIsUnauthenticated() {
    var keys = keys();
    keys.put("redis-certificate", other.loopback().certificateText());
    keys.put("redis-key", other.loopback().keyText());
    refused(keys, Unauthenticated.class, "see redis-certificate");
  }

  @Test
  void aSilentServerIsUnavailableInTime() {
    var keys = keys();
    // Keys of its own, so that no kept connection answers for it.
    keys.put("redis-ca", authority.certificateText() + authority.certificateText());
    Signals.stop(redis.pid());
    try {
      long began = System.nanoTime();
      refused(keys, BackendUnavailable.class, "Redis at");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMIT.multipliedBy(2));
    } finally {
      Signals.resume(redis.pid());
    }
  }

  private static void refused(
      Map<String, String> keys, Class<? extends DriverException> type, String message) {
    assertThatThrownBy(() -> backend.prove(VOLUME, connection(keys)).sessions())
        .isInstanceOf(type)
        .hasMessageContaining(message);
  }

  private static BackendConnection connection(Map<String, String> keys) {
    return BackendConnection.from("secrets", keys);
  }

  private static Map<String, String> keys() {
    var client = authority.identity("client", "dns:client");
    return new HashMap<>(
        Map.of(
            "redis-address", redis.address(),
            "redis-password", redis.password(),
            "redis-ca", authority.certificateText(),
            "redis-certificate", client.certificateText(),
            "redis-key", client.keyText(),
            "object-endpoint", minio.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey(),
            "object-ca", authority.certificateText()));
  }
}
