package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.settings.InvalidSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountServiceSettingsTest {
  private static final Map<String, String> ENOUGH =
      Map.of(
          "MOUNT_SERVICE_DIR", "/run/csi/mounts",
          "NODE_ID", "node-a",
          "STATE_DIR", "/var/lib/juicebox");

  @Test
  void threeAreEnough() {
    var settings = MountServiceSettings.from(ENOUGH);

    assertThat(settings.sockets().calls()).isEqualTo(Path.of("/run/csi/mounts/mount.sock"));
    assertThat(settings.sockets().descriptors())
        .isEqualTo(Path.of("/run/csi/mounts/descriptors.sock"));
    assertThat(settings.operations().getPort()).isEqualTo(9812);
    assertThat(settings.gracePeriod()).isEqualTo(Duration.ofSeconds(60));
    assertThat(settings.handOver()).isFalse(); // no test is the first process
    var mounts = settings.mounts();
    assertThat(mounts.cacheDir()).isEqualTo(Path.of("/var/lib/juicebox/cache"));
    assertThat(mounts.runDir()).isEqualTo(Path.of("/run/juicebox"));
    assertThat(mounts.memoryLimit()).isEqualTo(512L << 20);
    assertThat(mounts.reviveFor()).isEqualTo(Duration.ofMinutes(5));
    assertThat(mounts.hungAfter()).isEqualTo(Duration.ofMinutes(2));
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false, false", "auto, false"})
  void handOver(String text, boolean expected) {
    assertThat(with("HAND_OVER", text).handOver()).isEqualTo(expected);
  }

  @Test
  void whatIsSetIsTaken() {
    assertThat(with("MEMORY_LIMIT", "1Gi").mounts().memoryLimit()).isEqualTo(1L << 30);
    assertThat(with("RUN_DIR", "/run/x").mounts().runDir()).isEqualTo(Path.of("/run/x"));
    assertThat(with("GRACE_PERIOD", "5m").gracePeriod()).isEqualTo(Duration.ofMinutes(5));
    assertThat(with("HUNG_AFTER", "1m").mounts().hungAfter()).isEqualTo(Duration.ofMinutes(1));
    assertThat(with("REVIVE_FOR", "1m").mounts().reviveFor()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void everyMistakeIsReportedAtOnce() {
    assertThatThrownBy(() ->
            MountServiceSettings.from(
                Map.of(
                    "MOUNT_SERVICE_DIR", "/" + "long".repeat(30),
                    "NODE_ID", "with blank",
                    "HAND_OVER", "maybe",
                    "MEMORY_LIMIT", "1Mi",
                    "GRACE_PERIOD", "soon",
                    "RUN_DIR", "run")))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("MOUNT_SERVICE_DIR")
        .hasMessageContaining("NODE_ID")
        .hasMessageContaining("STATE_DIR is missing")
        .hasMessageContaining("HAND_OVER is none of auto, true and false")
        .hasMessageContaining("MEMORY_LIMIT is less than 64Mi")
        .hasMessageContaining("GRACE_PERIOD")
        .hasMessageContaining("RUN_DIR");
  }

  private static MountServiceSettings with(String key, String value) {
    var environment = new HashMap<>(ENOUGH);
    environment.put(key, value);
    return MountServiceSettings.from(environment);
  }
}
