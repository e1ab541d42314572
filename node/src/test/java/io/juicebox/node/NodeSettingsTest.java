package io.juicebox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.settings.InvalidSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeSettingsTest {
  @Test
  void threeAreEnough() {
    var settings =
        NodeSettings.from(
            Map.of(
                "CSI_ENDPOINT", "unix:///run/csi.sock",
                "NODE_ID", "node-a",
                "STATE_DIR", "/var/lib/juicebox"));
    assertThat(settings.cacheDirectory()).isEqualTo(Path.of("/var/lib/juicebox/cache"));
    assertThat(settings.filesystemTimeout()).isEqualTo(Duration.ofSeconds(4));
    assertThat(settings.maxVolumes()).isEmpty();
    assertThat(settings.mountService()).isEmpty();
  }

  @Test
  void aMountServiceIsFoundByItsDirectory() {
    var settings =
        NodeSettings.from(
            Map.of(
                "CSI_ENDPOINT", "unix:///run/csi.sock",
                "NODE_ID", "node-a",
                "STATE_DIR", "/var/lib/juicebox",
                "MOUNT_SERVICE_DIR", "/run/mounts"));
    assertThat(settings.mountService().orElseThrow().calls())
        .isEqualTo(Path.of("/run/mounts/mount.sock"));
  }

  @Test
  void everyMistakeIsReportedAtOnce() {
    assertThatThrownBy(() ->
            NodeSettings.from(
                Map.of(
                    "CSI_ENDPOINT", "unix://relative",
                    "NODE_ID", "with blank",
                    "FILESYSTEM_TIMEOUT", "soon",
                    "MOUNT_SERVICE_DIR", "mounts",
                    "MAX_VOLUMES", "0")))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("CSI_ENDPOINT")
        .hasMessageContaining("NODE_ID")
        .hasMessageContaining("STATE_DIR")
        .hasMessageContaining("FILESYSTEM_TIMEOUT")
        .hasMessageContaining("MOUNT_SERVICE_DIR")
        .hasMessageContaining("MAX_VOLUMES");
  }

  @Test
  void volumesByMemory() {
    assertThat(NodeCapacity.volumes(24L << 30)).isEqualTo(192);
    assertThat(NodeCapacity.volumes(64L << 20)).isEqualTo(1);
    assertThat(NodeCapacity.ofThisNode()).isPositive();
  }
}
