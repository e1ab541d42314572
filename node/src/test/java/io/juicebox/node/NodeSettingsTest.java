package io.juicebox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.settings.InvalidSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void onlyAFolderNamedAfterTheDriverIsItsOwn() {
    assertThat(withEndpoint("/kubelet/plugins/csi.juicebox.io/csi.sock").ownFolder())
        .contains(Path.of("/kubelet/plugins/csi.juicebox.io"));
    assertThat(withEndpoint("/tmp/csi.sock").ownFolder()).isEmpty();
  }

  @Test
  void theKubeletsDirectoryHoldsItsRegistry(@TempDir Path kubelet) throws IOException {
    assertThat(withEndpoint("/run/csi.sock").kubelet()).isEqualTo(Path.of("/var/lib/kubelet"));
    Path registry = Files.createDirectory(kubelet.resolve("plugins_registry"));
    var settings =
        NodeSettings.from(
            Map.of(
                "CSI_ENDPOINT", "unix:///run/csi.sock",
                "NODE_ID", "node-a",
                "STATE_DIR", "/var/lib/juicebox",
                "KUBELET_REGISTRATION_DIR", registry.toString()));
    assertThat(settings.kubelet()).isEqualTo(kubelet);
  }

  private static NodeSettings withEndpoint(String socket) {
    return NodeSettings.from(
        Map.of(
            "CSI_ENDPOINT", "unix://" + socket,
            "NODE_ID", "node-a",
            "STATE_DIR", "/var/lib/juicebox"));
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
