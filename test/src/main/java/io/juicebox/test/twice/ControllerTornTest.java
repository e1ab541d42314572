package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.controller.volume.ControllerStep;
import io.juicebox.csi.ops.Steps.Step;
import io.juicebox.test.server.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("twice")
@DisplayName("A controller that is killed")
final class ControllerTornTest {
  /** Those that a volume comes to which nothing is copied from or to. */
  private static final List<Step> STEPS =
      Arrays.stream(ControllerStep.values())
          .<Step>map(step -> step)
          .filter(step -> !CopiesTornTest.ONLY_COPIES.contains(step.label()))
          .toList();

  /**
   * CreateVolume takes these in two threads. A call held at one of them passes others later, so it
   * comes last among the calls of a kill.
   */
  private static final Set<ControllerStep> AT_ONCE =
      EnumSet.of(
          ControllerStep.CREATE_BUCKET,
          ControllerStep.CREATE_OWNER,
          ControllerStep.CREATE_FORMATTED,
          ControllerStep.CREATE_PREPARED);

  private static final Duration SWEEP = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(200);

  private static Scene scene;
  private static Tearing tearing;

  @BeforeAll
  static void start() {
    scene = Scene.start();
    tearing =
        new Tearing(
            scene,
            scene.stack().controller(),
            STEPS,
            Tearing.ROUNDS,
            ControllerTornTest::operation);
  }

  @AfterAll
  static void everyStepWasTorn() {
    try (var _ = scene) {
      tearing.printHistogram("SIGKILL to the controller within a call", System.out);
      tearing.requireKills();
    }
  }

  @TestFactory
  @DisplayName("leaves nothing that the next calls do not repair")
  Stream<DynamicTest> kills() {
    var rest = new ArrayList<>(STEPS);
    rest.removeAll(AT_ONCE);
    return tearing.kills(
        Stream.concat(
                Stream.of(List.copyOf(rest)), AT_ONCE.stream().map(step -> List.<Step>of(step)))
            .toList());
  }

  private static Operation operation(String step) {
    return switch (step.substring(0, step.indexOf('.'))) {
      case "create" -> new Create(step);
      case "delete" -> new Delete(step);
      case "expand" -> new Expand();
      default -> throw new AssertionError("no operation has the step " + step);
    };
  }

  private static Map<String, String> parameters(String step) {
    return step.equals("delete.bucket") ? Map.of("bucketMode", "dedicated") : Map.of();
  }

  private record Create(String step) implements Operation {
    @Override
    public Subject prepare() {
      return scene.subject(parameters(step));
    }

    @Override
    public Message call(Subject subject) {
      return subject.create();
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 1) {
        var _ = Scene.require(Code.ALREADY_EXISTS, () -> subject.create(2 * Subject.BYTES));
      }
      var _ = Scene.require(Code.OK, subject::create);
      scene.requireState(subject, State.READY);
      scene.remove(subject);
    }
  }

  private record Delete(String step) implements Operation {
    @Override
    public Subject prepare() {
      var subject = scene.subject(parameters(step));
      scene.bring(subject, State.PUBLISHED);
      Content.write(subject);
      var _ = subject.unpublish();
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return subject.delete();
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 1) {
        // Nobody calls again: what a killed controller left is finished at the next start.
        var gone = Waiting.until(() -> scene.shape(subject).isEmpty(), SWEEP, POLL);
        assertThat(gone).as("the tombstone is swept: %s", scene.shape(subject)).isTrue();
      }
      var _ = Scene.require(Code.OK, subject::delete);
      scene.requireState(subject, State.ABSENT);
    }
  }

  private record Expand() implements Operation {
    private static final long LARGER = 3 * Subject.BYTES;

    @Override
    public Subject prepare() {
      var subject = scene.subject();
      scene.bring(subject, State.READY);
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return subject.expand(LARGER);
    }

    @Override
    public void recover(Subject subject, int round) {
      var answer = Scene.require(Code.OK, () -> subject.expand(LARGER)).get();
      assertThat(answer.getCapacityBytes()).isEqualTo(LARGER);
      assertThat(subject.get().getVolume().getCapacityBytes()).isEqualTo(LARGER);
      assertThat(scene.setting(subject)).containsPattern("\"Capacity\": *" + LARGER + ",");
      scene.requireState(subject, State.READY);
      scene.remove(subject);
    }
  }
}
