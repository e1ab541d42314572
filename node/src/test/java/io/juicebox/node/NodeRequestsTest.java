package io.juicebox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.publish.PublishRequest;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NodeRequestsTest {
  private static final Map<String, String> SECRETS =
      Map.of(
          "redis-address", "redis://127.0.0.1:6379",
          "redis-password", "very-secret",
          "object-endpoint", "http://127.0.0.1:9000",
          "object-access-key", "key",
          "object-secret-key", "very-secret");
  private static final Map<String, String> CONTEXT =
      Map.of(
          "number", "2",
          "lineage", "default-aaaaaaaaaaaaaaaaaaaa",
          "uuid", UUID.randomUUID().toString(),
          "bucket", "juicebox",
          "cacheClass", "single");

  @Test
  void wholeRequestIsRead() {
    var request =
        publish(valid().setReadonly(true).setVolumeCapability(group("4294967294")).build());
    assertThat(request.volume().value()).isEqualTo("default-aaaaaaaaaaaaaaaaaaaa");
    assertThat(request.target().toString()).isEqualTo("/pods/a/mount");
    assertThat(request.arguments().mode()).isEqualTo(AccessMode.SINGLE_NODE_WRITER);
    assertThat(request.arguments().readOnly()).isTrue();
    assertThat(request.arguments().group().orElseThrow().gid()).isEqualTo(4294967294L);
    assertThat(publish(valid().build()).arguments().group()).isEmpty();
    assertThat(request.toString()).doesNotContain("very-secret");
  }

  @Test
  void aCallWithoutSecretsFindsThemInTheDirectory(@TempDir Path parent) {
    var directory =
        CredentialDirectory.from(
            new SettingsReader(Map.of("CREDENTIALS_DIR", parent.resolve("new").toString())));
    var call = valid();
    var secrets = Map.copyOf(call.getSecretsMap());
    var without = call.clearSecrets().build();

    assertThatThrownBy(() -> NodeRequests.publish(without, directory))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("CREDENTIALS_DIR");
    directory.orElseThrow().keep(new VolumeId(without.getVolumeId()), secrets);
    assertThat(NodeRequests.publish(without, directory).backend())
        .isEqualTo(publish(valid().build()).backend());
    assertThatThrownBy(() -> publish(without))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("secrets.");
  }

  @Test
  void keysThatTheKubeletAddsAreNoPartOfTheArguments() {
    var plain = publish(valid().build());
    var fromKubelet =
        publish(
            valid()
                .putVolumeContext("csi.storage.k8s.io/pod.name", "pod")
                .putVolumeContext("storage.kubernetes.io/csiProvisionerIdentity", "1")
                .build());
    assertThat(fromKubelet.arguments()).isEqualTo(plain.arguments());
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        row("volume_id", r -> r.setVolumeId("")),
        row("volume_id", r -> r.setVolumeId("x".repeat(129))),
        row("target_path", r -> r.setTargetPath("")),
        row("target_path", r -> r.setTargetPath("relative")),
        row("target_path", r -> r.setTargetPath("/a/../b")),
        row("target_path", r -> r.setTargetPath("/a\nb")),
        row("volume_capability", r -> r.clearVolumeCapability()),
        row(
            "volume_capability.access_type",
            r -> r.setVolumeCapability(mount(Mode.SINGLE_NODE_WRITER).clearMount())),
        row(
            "volume_capability.block",
            r ->
                r.setVolumeCapability(
                    mount(Mode.SINGLE_NODE_WRITER)
                        .setBlock(VolumeCapability.BlockVolume.getDefaultInstance()))),
        row("volume_capability.access_mode", r -> r.setVolumeCapability(mount(Mode.UNKNOWN))),
        row(
            "volume_capability.access_mode",
            r ->
                r.setVolumeCapability(
                    VolumeCapability.newBuilder()
                        .setMount(VolumeCapability.MountVolume.getDefaultInstance())
                        .setAccessMode(VolumeCapability.AccessMode.newBuilder().setModeValue(99)))),
        row("volume_capability.mount.fs_type", r -> r.setVolumeCapability(fsType("ext4"))),
        row("volume_capability.mount.mount_flags", r -> r.setVolumeCapability(flag("bogus"))),
        row("volume_capability.mount.mount_flags", r -> r.setVolumeCapability(flag("writeback"))),
        row(
            "volume_capability.mount.mount_flags",
            r -> r.setVolumeCapability(flag("x".repeat(4097)))),
        row(
            "volume_capability.mount.volume_mount_group",
            r -> r.setVolumeCapability(group("staff"))),
        row("volume_capability.mount.volume_mount_group", r -> r.setVolumeCapability(group("-1"))),
        row(
            "volume_capability.mount.volume_mount_group",
            r -> r.setVolumeCapability(group("4294967295"))),
        row("volume_context.number", r -> r.removeVolumeContext("number")),
        row("volume_context.uuid", r -> r.putVolumeContext("uuid", "x")),
        row("volume_context", r -> r.putVolumeContext("big", "x".repeat(4097))),
        row("secrets.redis-password", r -> r.removeSecrets("redis-password")),
        row("secrets.object-access-key", r -> r.removeSecrets("object-access-key")),
        row("secrets.redis-address", r -> r.putSecrets("redis-address", "ftp://x")),
        row("secrets", r -> r.putSecrets("big", "x".repeat((256 << 10) + 1))));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void wrongFieldIsNamed(String field, UnaryOperator<NodePublishVolumeRequest.Builder> change) {
    var request = change.apply(valid()).build();
    assertThatThrownBy(() -> publish(request))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith(field + " ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("very-secret"));
  }

  @Test
  void contextOfAnotherVolumeIsNotFound() {
    var other = valid().setVolumeId("default-bbbbbbbbbbbbbbbbbbbb").build();
    assertThatThrownBy(() -> publish(other))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("default-bbbbbbbbbbbbbbbbbbbb")
        .hasMessageContaining("default-aaaaaaaaaaaaaaaaaaaa");
  }

  @Test
  void idThatIsNoneOfOursIsNotFound() {
    assertThatThrownBy(() -> publish(valid().setVolumeId("fake").build()))
        .isInstanceOf(NotFound.class);
  }

  private static NodePublishVolumeRequest.Builder valid() {
    return NodePublishVolumeRequest.newBuilder()
        .setVolumeId("default-aaaaaaaaaaaaaaaaaaaa")
        .setTargetPath("/pods/a/mount")
        .setVolumeCapability(mount(Mode.SINGLE_NODE_WRITER))
        .putAllVolumeContext(new HashMap<>(CONTEXT))
        .putAllSecrets(new HashMap<>(SECRETS));
  }

  private static VolumeCapability.Builder mount(Mode mode) {
    return VolumeCapability.newBuilder()
        .setMount(VolumeCapability.MountVolume.getDefaultInstance())
        .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(mode));
  }

  private static VolumeCapability.Builder fsType(String type) {
    return mount(Mode.SINGLE_NODE_WRITER)
        .setMount(VolumeCapability.MountVolume.newBuilder().setFsType(type));
  }

  private static VolumeCapability.Builder flag(String flag) {
    return mount(Mode.SINGLE_NODE_WRITER)
        .setMount(VolumeCapability.MountVolume.newBuilder().addMountFlags(flag));
  }

  private static VolumeCapability.Builder group(String group) {
    return mount(Mode.SINGLE_NODE_WRITER)
        .setMount(VolumeCapability.MountVolume.newBuilder().setVolumeMountGroup(group));
  }

  private static Arguments row(
      String field, UnaryOperator<NodePublishVolumeRequest.Builder> change) {
    return Arguments.of(field, change);
  }

  private static PublishRequest publish(NodePublishVolumeRequest request) {
    return NodeRequests.publish(request, Optional.empty());
  }
}
