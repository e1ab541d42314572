package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.collector.CollectorSettings;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Capacity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControllerSettingsTest {
  @TempDir private Path directory;

  @Test
  void theLeastIsAnEndpointAndTheKeysOfABackend() throws IOException {
    write("default", keys());
    var settings = ControllerSettings.from(environment(Map.of()));

    assertThat(settings.endpoint()).hasToString("unix:///run/csi.sock");
    assertThat(settings.backends()).containsOnlyKeys(new BackendName("default"));
    assertThat(settings.defaultCapacity()).isEqualTo(new Capacity(10L << 30));
    assertThat(settings.pool()).isEmpty();
    assertThat(settings.databases()).isEqualTo(OptionalInt.empty());
    assertThat(settings.numberRest()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.collector())
        .isEqualTo(
            new CollectorSettings(
                Duration.ofSeconds(20), 2_000, Duration.ofDays(7), Duration.ofHours(1)));
  }

  @Test
  void backendsKeepTheirOrder() throws IOException {
    write("zeta", keys());
    var others = keys();
    others.put("redis-address", "redis://127.0.0.1:6380");
    write("alpha", others);
    var settings = ControllerSettings.from(environment(Map.of("BACKENDS", "zeta,alpha")));
    assertThat(settings.backends().keySet())
        .containsExactly(new BackendName("zeta"), new BackendName("alpha"));
  }

  @Test
  void keysAreFilesAsKubernetesMountsThem() throws IOException {
    write("default", keys());
    Path folder = directory.resolve("default");
    Files.createDirectory(folder.resolve("..data"));
    Files.writeString(folder.resolve("redis-password"), "pass word\n");
    var settings = ControllerSettings.from(environment(Map.of()));
    assertThat(settings.backends().values())
        .singleElement()
        .satisfies(
            connection -> assertThat(connection.redisPassword().reveal()).isEqualTo("pass word"));
  }

  @Test
  void everyMistakeIsToldAtOnce() throws IOException {
    var keys = keys();
    keys.remove("redis-address");
    write("default", keys);
    var environment =
        environment(
            Map.of(
                "BACKENDS", "default,Bad,gone",
                "POOL_SIZE", "much",
                "DEFAULT_CAPACITY", "1",
                "NUMBER_REST", "soon",
                "KUBERNETES", "maybe",
                "COLLECT_BLOCKS_PER_SECOND", "0",
                "MAX_REDIS_MEMORY", "2"));
    environment.remove("CSI_ENDPOINT");

    assertThatThrownBy(() -> ControllerSettings.from(environment))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("CSI_ENDPOINT is missing")
        .hasMessageContaining("redis-address is missing")
        .hasMessageContaining("\"Bad\"")
        .hasMessageContaining("gone can't be read")
        .hasMessageContaining("POOL_SIZE")
        .hasMessageContaining("DEFAULT_CAPACITY")
        .hasMessageContaining("NUMBER_REST")
        .hasMessageContaining("COLLECT_BLOCKS_PER_SECOND")
        .hasMessageContaining("KUBERNETES is \"maybe\", not auto, true or false")
        .hasMessageContaining("MAX_REDIS_MEMORY");
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false, false", "auto, false"}) // where tests run is no pod
  void kubernetesIsASettingOrFound(String setting, boolean expected) throws IOException {
    write("default", keys());
    var environment =
        environment(Map.of("KUBERNETES", setting, "KUBERNETES_SERVICE_HOST", "10.96.0.1"));
    assertThat(ControllerSettings.from(environment).kubernetes()).isEqualTo(expected);
  }

  @Test
  void aBackendNamedTwiceIsAMistake() throws IOException {
    write("default", keys());
    assertThatThrownBy(
            () -> ControllerSettings.from(environment(Map.of("BACKENDS", "default,default"))))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("twice");
  }

  @Test
  void twoBackendsInOneRedisAreAMistake() throws IOException {
    write("default", keys());
    write("other", keys());
    assertThatThrownBy(
            () -> ControllerSettings.from(environment(Map.of("BACKENDS", "default,other"))))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("default and other have the same Redis");
  }

  private Map<String, String> environment(Map<String, String> more) {
    var environment =
        new HashMap<>(
            Map.of("CSI_ENDPOINT", "unix:///run/csi.sock", "BACKENDS_DIR", directory.toString()));
    environment.putAll(more);
    return environment;
  }

  private static Map<String, String> keys() {
    return new HashMap<>(
        Map.of(
            "redis-address", "redis://127.0.0.1:6379",
            "redis-password", "secret",
            "object-endpoint", "http://127.0.0.1:9000",
            "object-access-key", "key",
            "object-secret-key", "secret"));
  }

  private void write(String backend, Map<String, String> keys) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(backend));
    for (var key : keys.entrySet()) {
      Files.writeString(folder.resolve(key.getKey()), key.getValue());
    }
  }
}
