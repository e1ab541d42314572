package io.juicebox.csi.request;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FieldSizesTest {

  static Object[] tooLarge() {
    return new Object[] {
      row("volume_id has 129 bytes, the limit is 128", b -> b.setVolumeId("x".repeat(129))),
      row("volume_id has 130 bytes, the limit is 128", b -> b.setVolumeId("é".repeat(65))),
      row(
          "volume_context has 4097 bytes, the limit is 4096",
          b -> b.putVolumeContext("key", "v".repeat(4000)).putVolumeContext("k2", "v".repeat(92))),
      row(
          "secrets has 262145 bytes, the limit is 262144",
          b -> b.putSecrets("key", "v".repeat((256 << 10) - 2))),
      row(
          "volume_capability.mount.fs_type has 129 bytes, the limit is 128",
          b -> b.getVolumeCapabilityBuilder().getMountBuilder().setFsType("x".repeat(129))),
      row(
          "volume_capability.mount.mount_flags has 4097 bytes, the limit is 4096",
          b -> b.getVolumeCapabilityBuilder().getMountBuilder().addMountFlags("x".repeat(4097))),
    };
  }

  private static Arguments row(String message, Consumer<NodePublishVolumeRequest.Builder> change) {
    return Arguments.of(message, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void tooLarge(String message, Consumer<NodePublishVolumeRequest.Builder> change) {
    assertThatThrownBy(() -> FieldSizes.check(publish(change)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(message);
  }

  @Test
  void theLargestFieldsPass() {
    assertThatCode(() ->
            FieldSizes.check(
                publish(b -> {
                  b.setVolumeId("x".repeat(128)).putSecrets("key", "v".repeat((256 << 10) - 3));
                  b.getVolumeCapabilityBuilder().getMountBuilder().addMountFlags("x".repeat(4096));
                })))
        .doesNotThrowAnyException();
    assertThatCode(() -> FieldSizes.check(ControllerGetVolumeRequest.getDefaultInstance()))
        .doesNotThrowAnyException();
  }

  @Test
  void pathsHaveTheKernelsLimitsInstead() {
    String path = "/x".repeat(2000);
    assertThatCode(
            () -> {
              FieldSizes.check(publish(b -> b.setTargetPath(path).setStagingTargetPath(path)));
              FieldSizes.check(NodeGetVolumeStatsRequest.newBuilder().setVolumePath(path).build());
            })
        .doesNotThrowAnyException();
  }

  private static Message publish(Consumer<NodePublishVolumeRequest.Builder> change) {
    var builder = NodePublishVolumeRequest.newBuilder();
    change.accept(builder);
    return builder.build();
  }
}
