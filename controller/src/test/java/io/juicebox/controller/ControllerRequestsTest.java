package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.TopologyRequirement;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.csi.spec.VolumeContentSource;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.AccessMode;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControllerRequestsTest {

  @Test
  void aRequestBecomesRecords() {
    var request =
        request(builder -> {
          builder.getCapacityRangeBuilder().setRequiredBytes(1).setLimitBytes(2);
          return builder.putParameters("uid", "1");
        });
    assertThat(request.name()).isEqualTo("pvc-1");
    assertThat(request.capacity().required()).isEqualTo(1);
    assertThat(request.capacity().limit()).isEqualTo(2);
    assertThat(request.parameters()).containsEntry("uid", "1");
    assertThat(request.capabilities())
        .singleElement()
        .satisfies(capability -> {
          assertThat(capability.mode()).isEqualTo(AccessMode.SINGLE_NODE_WRITER);
          assertThat(capability.access()).isEqualTo(Access.MOUNT);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "tab\tand\nline", "ünï 名前 \uD83E\uDDC3", "../x", "\u00a0"})
  void aNameMayHoldAnyOtherText(String name) {
    assertThat(request(builder -> builder.setName(name)).name()).isEqualTo(name);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        row("name is missing", b -> b.setName("")),
        row("name has a control character", b -> b.setName("a\0b")),
        row("name has a control character", b -> b.setName("a\u001fb")),
        row("name has a control character", b -> b.setName("a\u0085b")),
        row("name has 129 bytes", b -> b.setName("x".repeat(129))),
        row("name has 130 bytes", b -> b.setName("é".repeat(65))),
        row("parameters has", b -> b.putParameters("key", "v".repeat(4096))),
        row("secrets has", b -> b.putSecrets("key", "v".repeat(256 << 10))),
        row(
            "volume_capabilities.mount.mount_flags has",
            b ->
                b.addVolumeCapabilities(
                    VolumeCapability.newBuilder()
                        .setMount(
                            VolumeCapability.MountVolume.newBuilder()
                                .addMountFlags("f".repeat(4097))))),
        row(
            "volume_capabilities.mount.fs_type has 200 bytes",
            b ->
                b.addVolumeCapabilities(
                    VolumeCapability.newBuilder()
                        .setMount(
                            VolumeCapability.MountVolume.newBuilder().setFsType("f".repeat(200))))),
        row(
            "volume_content_source is neither a snapshot nor a volume",
            b -> b.setVolumeContentSource(VolumeContentSource.getDefaultInstance())),
        row(
            "accessibility_requirements is not offered",
            b -> b.setAccessibilityRequirements(TopologyRequirement.getDefaultInstance())),
        row("mutable_parameters is not offered", b -> b.putMutableParams("a", "b")),
        row(
            "access_mode is missing",
            b ->
                b.addVolumeCapabilities(
                    VolumeCapability.newBuilder()
                        .setMount(VolumeCapability.MountVolume.getDefaultInstance()))),
        row(
            "access_mode is unknown",
            b ->
                b.addVolumeCapabilities(
                    VolumeCapability.newBuilder()
                        .setMount(VolumeCapability.MountVolume.getDefaultInstance())
                        .setAccessMode(VolumeCapability.AccessMode.newBuilder().setModeValue(99)))),
        row(
            "access_type is missing",
            b ->
                b.addVolumeCapabilities(
                    VolumeCapability.newBuilder()
                        .setAccessMode(
                            VolumeCapability.AccessMode.newBuilder()
                                .setMode(Mode.SINGLE_NODE_WRITER)))));
  }

  private static Arguments row(String message, UnaryOperator<CreateVolumeRequest.Builder> change) {
    return Arguments.of(message, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String message, UnaryOperator<CreateVolumeRequest.Builder> change) {
    assertThatThrownBy(() -> request(change))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(message);
  }

  @Test
  void theLargestFieldsPass() {
    assertThatCode(
            () -> request(b -> b.setName("x".repeat(128)).putParameters("key", "v".repeat(4093))))
        .doesNotThrowAnyException();
  }

  private static io.juicebox.controller.volume.VolumeRequest request(
      UnaryOperator<CreateVolumeRequest.Builder> change) {
    var usual =
        CreateVolumeRequest.newBuilder()
            .setName("pvc-1")
            .addVolumeCapabilities(
                VolumeCapability.newBuilder()
                    .setMount(VolumeCapability.MountVolume.getDefaultInstance())
                    .setAccessMode(
                        VolumeCapability.AccessMode.newBuilder().setMode(Mode.SINGLE_NODE_WRITER)));
    return ControllerRequests.volume(change.apply(usual).build());
  }
}
