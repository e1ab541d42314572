package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SecretTest {
  @Test
  void textIsRevealedOnlyOnRequest() {
    var secret = new Secret("hidden");
    assertThat(secret).hasToString("***");
    assertThat(secret.reveal()).isEqualTo("hidden");
  }

  @Test
  void equalTextsAreEqualSecrets() {
    assertThat(new Secret("a")).isEqualTo(new Secret("a")).isNotEqualTo(new Secret("b"));
  }
}
