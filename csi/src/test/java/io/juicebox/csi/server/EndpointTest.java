package io.juicebox.csi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "unix:///csi/csi.sock, unix:///csi/csi.sock",
    "/csi/csi.sock, unix:///csi/csi.sock",
  })
  void schemeMayBeLeftOut(String text, String endpoint) {
    assertThat(Endpoint.parse(text)).hasToString(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "unix://",
        "unix:///",
        "unix://csi.sock",
        "csi.sock",
        "tcp://127.0.0.1:10000",
        "unix:/csi/csi.sock",
        "unix:///csi/a\0b"
      })
  void otherEndpointsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parse(text));
  }

  @Test
  void pathFitsTheKernel() {
    assertThat(Endpoint.parse("/" + "ä".repeat(53))).isNotNull(); // 107 bytes
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.parse("/" + "ä".repeat(53) + "x"))
        .withMessageContaining("108 bytes");
  }

  @Test
  void birthplaceFitsTheKernelToo() {
    String folder = "/" + "x".repeat(98);
    assertThat(Endpoint.parse(folder + "/s").birthplace().resolve("s").toString()).hasSize(107);
    assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parse(folder + "x/s"));
  }
}
