package io.juicebox.node.publish;

import static io.juicebox.node.publish.Samples.TARGET;
import static io.juicebox.node.publish.UnpublishPlan.Recorded.NO;
import static io.juicebox.node.publish.UnpublishPlan.Recorded.YES;
import static io.juicebox.node.publish.UnpublishPlan.Step.DETACH_STALE;
import static io.juicebox.node.publish.UnpublishPlan.Step.REMOVE_DIRECTORY;
import static io.juicebox.node.publish.UnpublishPlan.Step.UNMOUNT;
import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UnpublishPlanTest {
  static Stream<Arguments> targets() {
    return Stream.of(
        row(new TargetState.Bound(Set.of("rw")), YES, List.of(UNMOUNT, REMOVE_DIRECTORY)),
        row(new TargetState.Bound(Set.of("ro")), NO, List.of(UNMOUNT, REMOVE_DIRECTORY)),
        row(new TargetState.Stale(), YES, List.of(DETACH_STALE, REMOVE_DIRECTORY)),
        row(new TargetState.EmptyDirectory(), YES, List.of(REMOVE_DIRECTORY)),
        row(new TargetState.EmptyDirectory(), NO, List.of()),
        row(new TargetState.Absent(), YES, List.of()),
        row(new TargetState.Absent(), NO, List.of()),
        row(new TargetState.ParentAbsent(), NO, List.of()),
        row(new TargetState.BehindALink(), NO, List.of()),
        row(new TargetState.FilledDirectory(), YES, List.of()),
        row(new TargetState.FilledDirectory(), NO, List.of()),
        row(new TargetState.NotADirectory("a file"), YES, List.of()),
        row(new TargetState.NotADirectory("a symbolic link"), NO, List.of()));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void takesAwayOnlyWhatIsOurs(
      TargetState state, UnpublishPlan.Recorded recorded, List<UnpublishPlan.Step> expected) {
    assertThat(UnpublishPlan.decide(TARGET, state, recorded))
        .isEqualTo(new UnpublishPlan.Take(expected));
  }

  @Test
  void foreignMountStays() {
    var plan = UnpublishPlan.decide(TARGET, new TargetState.Foreign("ext4", "/dev/sdb"), NO);
    assertThat(((UnpublishPlan.Refuse) plan).why())
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("/dev/sdb");
  }

  @Test
  void whatIsPublishedBehindALinkIsNotForgotten() {
    var plan = UnpublishPlan.decide(TARGET, new TargetState.BehindALink(), YES);
    assertThat(((UnpublishPlan.Refuse) plan).why())
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("symbolic link");
  }

  private static Arguments row(Object... values) {
    return Arguments.arguments(values);
  }
}
