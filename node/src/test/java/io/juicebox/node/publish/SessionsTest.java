package io.juicebox.node.publish;

import static io.juicebox.node.publish.Samples.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.proof.Session;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final Mount MOUNT =
      new Mount(VOLUME, Path.of("/m"), "0:50", Samples.CONTEXT.uuid(), 100, new TreeMap<>());
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
            Optional.of(MOUNT),
            session -> session.equals(BY_HAND));
    assertThat(sorted.ours()).containsExactly(OURS);
    assertThat(sorted.dead()).containsExactly(DEAD);
    assertThat(sorted.foreign()).containsExactly(BY_HAND, ELSEWHERE);
  }

  @Test
  void withoutAMountAllOfThisNodeAreDead() {
    var sorted = Sessions.sort(List.of(OURS), "node-a", Optional.empty(), _ -> false);
    assertThat(sorted.dead()).containsExactly(OURS);
    assertThatCode(sorted::refuseForeign).doesNotThrowAnyException();
  }

  @Test
  void foreignHostIsNamed() {
    var sorted = Sessions.sort(List.of(ELSEWHERE), "node-a", Optional.empty(), _ -> false);
    assertThatThrownBy(sorted::refuseForeign)
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("node-b");
  }
}
