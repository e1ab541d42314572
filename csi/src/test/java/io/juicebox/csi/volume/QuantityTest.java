package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "1k, 1000",
    "1Ki, 1024",
    "4Mi, 4194304",
    "1.5Gi, 1610612736",
    "0.5Ki, 512",
    "1G, 1000000000",
    "7Ei, 8070450532247928832",
    "9E, 9000000000000000000",
    "1.000, 1",
    "9223372036854775807, 9223372036854775807",
  })
  void wholeBytesAreRead(String text, long bytes) {
    assertThat(Quantity.tryParse(text)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+1",
        "1 Gi",
        "1Gi ",
        "1gi",
        "1KI",
        "1m",
        "1e3",
        "0x10",
        "1.5",
        "0.3Ki",
        ".5Gi",
        "1.Gi",
        "9223372036854775808",
        "99999999999999999999",
        "8Ei",
        "9999999999999999E",
        "1Gi\n",
        "١٢",
        "NaN"
      })
  void anythingElseIsNoQuantity(String text) {
    assertThat(Quantity.tryParse(text)).isEmpty();
  }
}
