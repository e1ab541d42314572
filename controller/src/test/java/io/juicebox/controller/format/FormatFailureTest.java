package io.juicebox.controller.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormatFailureTest {
  private static final String PREFIX = "2026/11/23 17:39:34.923620 juicefs[31361] ";

  @Test
  void theLastComplaintIsTheReason() {
    assertThat(
            FormatFailure.reason(
                List.of(
                    PREFIX + "<WARNING>: parse info: first [checkServerConfig@redis.go:4602]",
                    PREFIX + "<FATAL>: Load metadata: second [format@format.go:553]",
                    "goodbye")))
        .isEqualTo("Load metadata: second");
    assertThat(FormatFailure.reason(List.of("a", "b"))).isEqualTo("b");
    assertThat(FormatFailure.reason(List.of())).isEqualTo("it printed nothing");
  }

  @Test
  void complaintsAboutRedisAreRedissFailures() {
    assertThat(fatal("Load metadata: WRONGPASS invalid username-password pair"))
        .isInstanceOf(Unauthenticated.class);
    assertThat(fatal("Load metadata: dial tcp 127.0.0.1:1: connect: connection refused"))
        .isInstanceOf(BackendUnavailable.class);
    assertThat(fatal("format: OOM command not allowed when used memory > 'maxmemory'."))
        .isInstanceOf(Exhausted.class);
  }

  @Test
  void anyOtherComplaintIsToldAsItIs() {
    assertThat(fatal("Load metadata: ERR DB index is out of range"))
        .isInstanceOf(Failed.class)
        .hasMessage("juicefs format failed: Load metadata: ERR DB index is out of range");
  }

  private static DriverException fatal(String text) {
    return FormatFailure.of("Redis", List.of(PREFIX + "<FATAL>: " + text + " [f@format.go:553]"));
  }
}
