package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.test.input.Environments;
import io.juicebox.test.input.Texts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the environment of the mount service holds. */
final class MountServiceSettingsPropertiesTest {
  private static final Map<String, String> NEEDED =
      Map.of(
          "MOUNT_SERVICE_DIR", "/run/mounts",
          "STATE_DIR", "/var/lib/juicebox",
          "NODE_ID", "node-1");

  @Provide
  Arbitrary<Map<String, String>> environments() {
    var valid = new HashMap<String, Arbitrary<String>>();
    NEEDED.forEach((name, value) -> valid.put(name, Arbitraries.just(value)));
    valid.put("CACHE_DIR", Arbitraries.of("/var/cache"));
    valid.put("RUN_DIR", Arbitraries.of("/run/juicebox"));
    valid.put("JUICEFS", Arbitraries.of("juicefs"));
    valid.put("HAND_OVER", Arbitraries.of("auto", "true", "false"));
    valid.put("MEMORY_LIMIT", Arbitraries.of("64Mi"));
    for (var duration :
        List.of(
            "FILESYSTEM_TIMEOUT", "GRACE_PERIOD", "BACKEND_TIMEOUT", "REVIVE_FOR", "HUNG_AFTER")) {
      valid.put(duration, Arbitraries.of("10s"));
    }
    // Host names are looked up, so this does not become any text.
    return Combinators.combine(Texts.mapsNear(valid), Environments.addresses())
        .as((map, address) -> {
          var environment = new HashMap<>(NEEDED);
          environment.putAll(map);
          environment.put("OPS_ADDRESS", address);
          return Map.copyOf(environment);
        });
  }

  @Property
  void anyEnvironmentIsReadOrRefused(@ForAll("environments") Map<String, String> environment) {
    try {
      assertThat(MountServiceSettings.from(environment).mounts().nodeId())
          .matches("[A-Za-z0-9._-]{1,128}");
    } catch (InvalidSettings e) {
      assertThat(Environments.mistakes(e))
          .isNotEmpty()
          .allMatch(mistake -> Environments.namesASetting(mistake, environment));
    }
  }
}
