package io.juicebox.node.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.node.proof.Session;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final Session OURS = new Session(1, "node-a", 100, "/m");
  private static final Session DEAD = new Session(2, "node-a", 50, "/m");
  private static final Session BY_HAND = new Session(3, "node-a", 51, "/mnt");
  private static final Session ELSEWHERE = new Session(4, "node-b", 100, "/m");

  @Test
  void areToldApartByHostAndProcess() {
    var sorted =
        Sessions.sort(
            List.of(OURS, DEAD, BY_HAND, ELSEWHERE),
            "node-a",
            session ->
                switch ((int) session.id()) {
                  case 1 -> SessionProcess.OF_THE_DRIVER;
                  case 3 -> SessionProcess.OF_ANOTHER;
                  default -> SessionProcess.GONE;
                });
    assertThat(sorted.ours()).containsExactly(OURS);
    assertThat(sorted.dead()).containsExactly(DEAD);
    assertThat(sorted.foreign()).containsExactly(BY_HAND, ELSEWHERE);
  }

  @Test
  void nodesOwnSessionsRefuseNothing() {
    var sorted = Sessions.sort(List.of(DEAD), "node-a", _ -> SessionProcess.GONE);
    assertThatCode(sorted::refuseForeign).doesNotThrowAnyException();
  }

  @Test
  void foreignHostIsNamed() {
    var sorted = Sessions.sort(List.of(ELSEWHERE), "node-a", _ -> SessionProcess.GONE);
    assertThatThrownBy(sorted::refuseForeign)
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("node-b");
  }
}
