package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionHostTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "n",
        "worker-1.cluster.example",
        "sixty-three-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void isTheNodeId(String nodeId) {
    assertThat(SessionHost.of(nodeId).name()).isEqualTo(nodeId);
  }

  @Test
  void longNodeIdsFitAndStayDifferent() {
    String one = "a".repeat(200) + "1";
    String two = "a".repeat(200) + "2";
    String umlauts = "ä".repeat(100);

    assertThat(SessionHost.of(one))
        .isEqualTo(SessionHost.of(one))
        .isNotEqualTo(SessionHost.of(two));
    for (String nodeId : new String[] {one, two, umlauts}) {
      assertThat(SessionHost.of(nodeId).name().getBytes(StandardCharsets.UTF_8).length)
          .isEqualTo(63);
    }
  }
}
