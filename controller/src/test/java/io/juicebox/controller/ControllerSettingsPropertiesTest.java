package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.test.input.Environments;
import io.juicebox.test.input.Texts;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever the environment and the files of the backends hold. */
final class ControllerSettingsPropertiesTest {
  private static final Map<String, String> KEYS =
      Map.of(
          "redis-address", "redis://127.0.0.1:6379",
          "redis-password", "secret",
          "object-endpoint", "http://127.0.0.1:9000",
          "object-access-key", "access",
          "object-secret-key", "secret");

  private static final TestDirectory DIRECTORY = TestDirectory.create("settings");

  @BeforeContainer
  static void create() throws IOException {
    for (var key : KEYS.entrySet()) {
      var folder = Files.createDirectories(backends().resolve("default"));
      Files.writeString(folder.resolve(key.getKey()), key.getValue() + "\n");
    }
  }

  @AfterContainer
  static void remove() {
    DIRECTORY.close();
  }

  private static Path backends() {
    return DIRECTORY.path().resolve("backends");
  }

  @Provide
  Arbitrary<Map<String, String>> environments() {
    var valid = new HashMap<String, Arbitrary<String>>();
    valid.put("CSI_ENDPOINT", Arbitraries.of("unix:///run/csi.sock"));
    valid.put("BACKENDS", Arbitraries.of("default"));
    valid.put("BACKENDS_DIR", Arbitraries.of(backends().toString()));
    valid.put("JUICEFS", Arbitraries.of("/usr/bin/juicefs"));
    valid.put("DEFAULT_CAPACITY", Arbitraries.of("10Gi"));
    valid.put("POOL_SIZE", Arbitraries.of("1Ti"));
    valid.put("MAX_REDIS_MEMORY", Arbitraries.of("0.8"));
    valid.put("DATABASES", Arbitraries.of("4096"));
    valid.put("VOLUME_METRICS", Arbitraries.of("0"));
    valid.put("COLLECT_BLOCKS_PER_SECOND", Arbitraries.of("2000"));
    valid.put("KUBERNETES", Arbitraries.of("true", "false", "auto"));
    valid.put("CREDENTIALS_NAMESPACE", Arbitraries.of("juicebox"));
    valid.put("OBJECT_ACCOUNTS", Arbitraries.of("minio", "none"));
    valid.put("ACCOUNT_POOL", Arbitraries.of("0"));
    for (var duration :
        new String[] {"NUMBER_REST", "INTENT_TIMEOUT", "SWEEP_INTERVAL", "BACKEND_TIMEOUT"}) {
      valid.put(duration, Arbitraries.of("1m"));
    }
    // A directory that can be made is made, and host names are looked up: neither becomes any text.
    var credentials = Arbitraries.of("", "here", "/a/../b", DIRECTORY.path() + "/credentials");
    return Combinators.combine(Texts.mapsNear(valid), credentials, Environments.addresses())
        .as((map, credential, address) -> {
          var environment = new HashMap<>(map);
          environment.putIfAbsent("CSI_ENDPOINT", "unix:///run/csi.sock");
          environment.putIfAbsent("BACKENDS_DIR", backends().toString());
          environment.put("CREDENTIALS_DIR", credential);
          environment.put("OPS_ADDRESS", address);
          return Map.copyOf(environment);
        });
  }

  @Property
  void anyEnvironmentIsReadOrRefused(@ForAll("environments") Map<String, String> environment) {
    try {
      assertThat(ControllerSettings.from(environment).backends()).hasSize(1);
    } catch (InvalidSettings e) {
      assertThat(Environments.mistakes(e))
          .isNotEmpty()
          .allMatch(mistake -> Environments.namesASetting(mistake, environment));
    }
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.oneOf(Texts.any(), Texts.near(Arbitraries.of(KEYS.values())));
  }

  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.of(KEYS.keySet());
  }

  @Property(tries = 300)
  void anyFileOfABackendIsReadOrRefused(@ForAll("keys") String key, @ForAll("values") String value)
      throws IOException {
    Path file = backends().resolve("default").resolve(key);
    Files.write(file, value.getBytes(StandardCharsets.UTF_16LE)); // often no UTF-8
    try {
      anyEnvironmentIsReadOrRefused(environment());
      Files.write(file, value.getBytes(StandardCharsets.UTF_8));
      anyEnvironmentIsReadOrRefused(environment());
    } finally {
      Files.writeString(file, String.valueOf(KEYS.get(key)));
    }
  }

  private static Map<String, String> environment() {
    return Map.of("CSI_ENDPOINT", "unix:///run/csi.sock", "BACKENDS_DIR", backends().toString());
  }
}
