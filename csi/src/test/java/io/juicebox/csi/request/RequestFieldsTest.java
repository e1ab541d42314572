package io.juicebox.csi.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequestFieldsTest {

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNKNOWN", "UNRECOGNIZED"})
  void everyModeOfTheSpecificationIsTaken(Mode mode) {
    assertThat(RequestFields.accessMode(capability(mode.getNumber())).name())
        .isEqualTo(mode.name());
  }

  @Test
  void aMissingOrUnknownModeIsRefused() {
    assertThatThrownBy(() -> RequestFields.accessMode(VolumeCapability.getDefaultInstance()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("volume_capability.access_mode is missing");
    assertThatThrownBy(() -> RequestFields.accessMode(capability(99)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("volume_capability.access_mode is unknown to this driver");
  }

  @Test
  void anIdMayBeAnyTextButNone() {
    assertThat(RequestFields.volumeId("fake")).isEqualTo("fake");
    assertThatThrownBy(() -> RequestFields.volumeId(""))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("volume_id is missing");
  }

  private static VolumeCapability capability(int mode) {
    return VolumeCapability.newBuilder()
        .setAccessMode(VolumeCapability.AccessMode.newBuilder().setModeValue(mode))
        .build();
  }
}
