package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceTest {
  @Test
  void aFieldTellsIdAndSize() {
    var slice = new Slice(1_000_000_000_001L, 67_108_864);
    assertThat(slice.field()).isEqualTo("k1000000000001_67108864");
    assertThat(Slice.parse(slice.field())).contains(slice);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "k",
        "k1",
        "k1_",
        "k_1",
        "k0_1",
        "k1_0",
        "k-1_5",
        "1_5",
        "k1_5_6",
        "k1_-5",
        "k12345678901234567890_5",
        "k1_99999999999",
        "K1_5",
        "k1_5 "
      })
  void anythingElseIsNone(String field) {
    assertThat(Slice.parse(field)).isEmpty();
  }
}
