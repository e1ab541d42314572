package io.juicebox.node;

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

/** Whatever the environment of the node program holds. */
final class NodeSettingsPropertiesTest {
  private static final Map<String, String> NEEDED =
      Map.of(
          "CSI_ENDPOINT", "unix:///run/csi.sock",
          "STATE_DIR", "/var/lib/juicebox",
          "NODE_ID", "node-1");

  @Provide
  Arbitrary<Map<String, String>> environments() {
    var valid = new HashMap<String, Arbitrary<String>>();
    NEEDED.forEach((name, value) -> valid.put(name, Arbitraries.just(value)));
    valid.put("CACHE_DIR", Arbitraries.of("/var/cache"));
    valid.put("RUN_DIR", Arbitraries.of("/run/juicebox"));
    valid.put("JUICEFS", Arbitraries.of("juicefs"));
    valid.put("MAX_VOLUMES", Arbitraries.of("100"));
    valid.put("MEMORY_LIMIT", Arbitraries.of("64Mi"));
    valid.put("MOUNT_SERVICE_DIR", Arbitraries.of("/run/mounts"));
    valid.put("KUBELET_REGISTRATION_DIR", Arbitraries.of("/tmp"));
    valid.put("KUBELET_CSI_ENDPOINT", Arbitraries.of("/var/lib/kubelet/csi.sock"));
    for (var duration :
        List.of(
            "FILESYSTEM_TIMEOUT", "MOUNT_TIMEOUT", "BACKEND_TIMEOUT", "REVIVE_FOR", "HUNG_AFTER")) {
      valid.put(duration, Arbitraries.of("10s"));
    }
    // A directory that can be made is made, and host names are looked up: neither becomes any text.
    var credentials = Arbitraries.of("", "here", "/a/../b");
    return Combinators.combine(Texts.mapsNear(valid), credentials, Environments.addresses())
        .as((map, credential, address) -> {
          var environment = new HashMap<>(NEEDED);
          environment.putAll(map);
          environment.put("CREDENTIALS_DIR", credential);
          environment.put("OPS_ADDRESS", address);
          return Map.copyOf(environment);
        });
  }

  @Property
  void anyEnvironmentIsReadOrRefused(@ForAll("environments") Map<String, String> environment) {
    try {
      assertThat(NodeSettings.from(environment).nodeId()).matches("[A-Za-z0-9._-]{1,128}");
    } catch (InvalidSettings e) {
      assertThat(Environments.mistakes(e))
          .isNotEmpty()
          .allMatch(mistake -> Environments.namesASetting(mistake, environment));
    }
  }
}
