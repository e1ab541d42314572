package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BackendConnectionTest {
  private static final Map<String, String> KEYS =
      Map.of(
          "redis-address", "redis://10.0.0.1:6379",
          "redis-password", "pass word",
          "object-endpoint", "http://minio.storage.svc:9000",
          "object-access-key", "access",
          "object-secret-key", "s3cr3t");

  @Test
  void optionalKeysHaveDefaults() {
    assertThat(BackendConnection.from("secrets", KEYS))
        .isEqualTo(
            new BackendConnection(
                URI.create("redis://10.0.0.1:6379"),
                Optional.empty(),
                new Secret("pass word"),
                URI.create("http://minio.storage.svc:9000"),
                "us-east-1",
                new Secret("access"),
                new Secret("s3cr3t"),
                "juicebox",
                new RedisTls(Optional.empty(), Optional.empty()),
                Optional.empty()));
  }

  @Test
  void everyKeyIsRead() {
    var all = new HashMap<>(KEYS);
    all.putAll(Map.of("redis-user", "u-1", "object-region", "eu-1", "bucket", "other.bucket"));
    var connection = BackendConnection.from("secrets", all);
    assertThat(BackendConnection.KEYS).containsAll(all.keySet());
    assertThat(connection.redisUser()).contains("u-1");
    assertThat(connection.objectRegion()).isEqualTo("eu-1");
    assertThat(connection.bucket()).isEqualTo("other.bucket");
  }

  @Test
  void redisMayHaveNoPassword() {
    assertThat(BackendConnection.from("secrets", with("redis-password", "")).redisPassword())
        .matches(Secret::isEmpty);
  }

  @Test
  void emptyUserIsTheDefaultUser() {
    assertThat(BackendConnection.from("secrets", with("redis-user", "")).redisUser()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "redis-address, rediss://r.example:6380, rediss://r.example:6380",
    "redis-address, redis://[::1]:6379, redis://[::1]:6379",
    "redis-address, redis://r.example, redis://r.example",
    "object-endpoint, https://s3.example, https://s3.example",
    "object-endpoint, http://10.0.0.1:9000/, http://10.0.0.1:9000",
  })
  void addressIsReducedToHostAndPort(String key, String text, String address) {
    var connection = BackendConnection.from("secrets", with(key, text));
    assertThat(key.equals("redis-address") ? connection.redis() : connection.objectEndpoint())
        .isEqualTo(URI.create(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis-address",
        "redis-password",
        "object-endpoint",
        "object-access-key",
        "object-secret-key"
      })
  void missingKeyIsNamed(String key) {
    var keys = new HashMap<>(KEYS);
    keys.remove(key);
    assertThatThrownBy(() -> BackendConnection.from("secrets", keys))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("secrets." + key + " is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          redis-address     | 10.0.0.1:63790
          redis-address     | http://hidden:6379
          redis-address     | redis://user:hidden@10.0.0.1:6379
          redis-address     | redis://:hidden@10.0.0.1:6379
          redis-address     | //hidden:6379
          redis-address     | redis://hidden:6379/1
          redis-address     | redis://hidden:6379?x=1
          redis-address     | redis://hidden:6379#x
          redis-address     | redis://hidden:65536
          redis-address     | redis://hidden:0
          redis-address     | redis://hidden:abc
          redis-address     | redis://a,hidden:6379
          redis-address     | redis://hidden host:6379
          redis-address     | unix:///hidden
          redis-address     | redis:hidden
          redis-user        | hidden user
          redis-user        | hidden\\0
          redis-password    | hidden\\n
          redis-password    | hidden\\0
          object-endpoint   | ftp://hidden
          object-endpoint   | https://k:hidden@s3.example
          object-endpoint   | https://s3.example/hidden
          object-region     | hidden region
          object-access-key | hidden\\r
          object-access-key | hidden key
          object-access-key | hiddené
          object-secret-key | hidden\\0
          bucket            | HIDDEN
          bucket            | hidden/..
          """)
  void wrongValueIsRefusedNamingTheKeyWithoutTheValue(String key, String escaped) {
    String value = escaped.translateEscapes();
    assertThatThrownBy(() -> BackendConnection.from("secrets", with(key, value)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("secrets." + key + " is no ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContainIgnoringCase("hidden"))
        .hasNoCause();
  }

  @Test
  void overlongValueIsRefused() {
    assertThatThrownBy(
            () -> BackendConnection.from("secrets", with("redis-password", "x".repeat(1025))))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("secrets.redis-password is no ")
        .hasMessageNotContaining("xx");
  }

  @Test
  void unknownKeyIsRefusedWithoutItsValue() {
    assertThatThrownBy(() -> BackendConnection.from("secrets", with("redis-pasword", "hidden")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("secrets has the unknown key \"redis-pasword\"; valid are: bucket,")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void secretsDoNotPrint() {
    assertThat(BackendConnection.from("secrets", KEYS).toString())
        .doesNotContain("pass word", "s3cr3t", "=access")
        .contains("***");
  }

  @Test
  void serversAreTheSameWhateverTheKeys() {
    var one = BackendConnection.from("secrets", KEYS);
    assertThat(one.sameServers(BackendConnection.from("secrets", with("redis-user", "other"))))
        .isTrue();
    assertThat(
            one.sameServers(
                BackendConnection.from("secrets", with("redis-address", "redis://10.0.0.2:6379"))))
        .isFalse();
  }

  @Test
  void serversAreNamedWithTheirAddress() {
    var connection = BackendConnection.from("secrets", KEYS);
    assertThat(connection.redisName()).isEqualTo("Redis at 10.0.0.1:6379");
    assertThat(connection.objectStoreName())
        .isEqualTo("the object store at minio.storage.svc:9000");
  }

  private static Map<String, String> with(String key, String value) {
    var keys = new HashMap<>(KEYS);
    keys.put(key, value);
    return keys;
  }
}
