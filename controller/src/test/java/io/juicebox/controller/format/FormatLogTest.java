package io.juicebox.controller.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.Failed;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormatLogTest {
  private static final String PREFIX = "2026/11/23 17:39:34.923620 juicefs[31361] ";

  @Test
  void theLastComplaintIsTheReason() {
    assertThat(
            FormatLog.complaint(
                List.of(
                    PREFIX + "<WARNING>: parse info: first [checkServerConfig@redis.go:4602]",
                    PREFIX + "<FATAL>: Load metadata: second [format@format.go:553]",
                    "goodbye")))
        .isEqualTo("Load metadata: second");
    assertThat(FormatLog.complaint(List.of("a", "b"))).isEqualTo("b");
    assertThat(FormatLog.complaint(List.of())).isEqualTo("it printed nothing");
  }

  @Test
  void theSettingIsWhatStandsBetweenTheBraces() {
    var log =
        List.of(
            PREFIX + "<INFO>: Data use minio://127.0.0.1:1/{x}/ [format@format.go:571]",
            PREFIX + "<INFO>: Volume is formatted as {",
            "  \"Tiers\": {",
            "  },",
            "  \"EnableACL\": false",
            "} [format@format.go:608]",
            "goodbye");
    assertThat(NewFilesystem.printed(log).setting())
        .isEqualTo("{\n  \"Tiers\": {\n  },\n  \"EnableACL\": false\n}");
  }

  @Test
  void aLogWithoutASettingIsAFailure() {
    assertThatThrownBy(() -> NewFilesystem.printed(List.of("goodbye")))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("goodbye");
  }
}
