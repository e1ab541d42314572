package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.controller.volume.ControllerStep;
import io.juicebox.csi.ops.Steps.Step;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("twice")
@DisplayName("A controller that is killed within a copy")
final class CopiesTornTest {
  /** Steps that nothing else comes to. */
  static final Set<String> ONLY_COPIES =
      Set.of(
          "create.read",
          "delete.left",
          "snapshot.intent",
          "snapshot.read",
          "snapshot.written",
          "snapshot.ready",
          "snapshot.buried",
          "snapshot.removed",
          "snapshot.left",
          "snapshot.forgotten");

  /** Steps that no copy comes to: its lineage has a bucket and an owner. */
  private static final Set<String> NO_COPIES = Set.of("create.bucket", "create.owner");

  private static final List<Step> STEPS =
      Arrays.stream(ControllerStep.values())
          .<Step>map(step -> step)
          .filter(step -> ONLY_COPIES.contains(step.label()) || step.label().startsWith("create."))
          .filter(step -> !NO_COPIES.contains(step.label()))
          .toList();

  /**
   * Two threads take some of these, see {@link ControllerTornTest}; and of those between which
   * there is a file of metadata no more than two calls may be at one time.
   */
  private static final Set<String> ALONE =
      Set.of("create.read", "create.formatted", "create.prepared", "snapshot.written");

  private static final int ROUNDS = Rounds.of(1, 10);
  private static final Duration SWEEP = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(200);

  private static Scene scene;
  private static Tearing tearing;

  @BeforeAll
  static void start() {
    scene = Scene.start();
    tearing =
        new Tearing(scene, scene.stack().controller(), STEPS, ROUNDS, CopiesTornTest::operation);
  }

  @AfterAll
  static void everyStepWasTorn() {
    try (var _ = scene) {
      tearing.printHistogram("SIGKILL to the controller within a copy", System.out);
      tearing.requireKills();
    }
  }

  @TestFactory
  @DisplayName("leaves nothing that the next calls do not repair, and harms no relative")
  Stream<DynamicTest> kills() {
    var together = new ArrayList<Step>();
    var alone = new ArrayList<List<Step>>();
    for (var step : STEPS) {
      if (ALONE.contains(step.label())) {
        alone.add(List.of(step));
      } else {
        together.add(step);
      }
    }
    return tearing.kills(Stream.concat(Stream.of(together), alone.stream()).toList());
  }

  private static Operation operation(String step) {
    return switch (step) {
      case "snapshot.intent", "snapshot.read", "snapshot.written", "snapshot.ready" ->
          new Snapshot();
      case "snapshot.buried", "snapshot.removed", "snapshot.left", "snapshot.forgotten" ->
          new Forget();
      case "delete.left" -> new Delete();
      default -> new Copy(STEPS.stream().map(Step::label).toList().indexOf(step) % 2);
    };
  }

  /** With content, and at no target any more. */
  private static Subject written() {
    var subject = scene.subject();
    scene.bring(subject, State.PUBLISHED);
    Content.write(subject);
    var _ = subject.unpublish();
    return subject;
  }

  private static void requireContent(Subject subject) {
    var _ = Scene.require(Code.OK, subject::publish);
    Content.require(subject);
    var _ = Scene.require(Code.OK, subject::unpublish);
  }

  private static void requireContentOfCopy(Subject subject) {
    requireContent(subject.copied().orElseThrow());
  }

  private record Snapshot() implements Operation {
    @Override
    public Subject prepare() {
      return written();
    }

    @Override
    public Message call(Subject subject) {
      return subject.snapshot();
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 1) {
        var _ = Scene.require(Code.ALREADY_EXISTS, subject::snapshotOfAnother);
      }
      var _ = Scene.require(Code.OK, subject::snapshot);
      var _ = Scene.require(Code.OK, subject::getSnapshot);
      var _ = Scene.require(Code.OK, () -> subject.restore(Subject.BYTES));
      requireContentOfCopy(subject);
      scene.remove(subject);
    }
  }

  private record Forget() implements Operation {
    @Override
    public Subject prepare() {
      var subject = written();
      var _ = subject.snapshot();
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return subject.deleteSnapshot();
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 1) {
        // Nobody calls again: what a killed controller left is finished at the next start.
        var gone = Waiting.until(() -> !hasSnapshot(subject), SWEEP, POLL);
        assertThat(gone).as("the tombstone is swept: %s", scene.shape(subject)).isTrue();
      }
      var _ = Scene.require(Code.OK, subject::deleteSnapshot);
      assertThat(hasSnapshot(subject)).as("%s", scene.shape(subject)).isFalse();
      requireContent(subject);
      scene.remove(subject);
    }

    private static boolean hasSnapshot(Subject subject) {
      return scene.shape(subject).stream().anyMatch(thing -> thing.contains("snapshot"));
    }
  }

  /** A volume goes that has a copy and a snapshot. */
  private record Delete() implements Operation {
    @Override
    public Subject prepare() {
      var subject = written();
      var _ = subject.snapshot();
      var _ = subject.copy(Subject.BYTES);
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return subject.delete();
    }

    @Override
    public void recover(Subject subject, int round) {
      var _ = Scene.require(Code.OK, subject::delete);
      requireContentOfCopy(subject);
      scene.remove(subject);
    }
  }

  /**
   * A volume is made of another one, or of its snapshot.
   *
   * @param kind changes with the step, and with the round
   */
  private record Copy(int kind) implements Operation {
    @Override
    public Subject prepare() {
      var subject = written();
      var _ = subject.snapshot();
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return make(subject, Subject.BYTES);
    }

    private Message make(Subject subject, long bytes) {
      return kind == 0 ? subject.copy(bytes) : subject.restore(bytes);
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 1) {
        var _ = Scene.require(Code.ALREADY_EXISTS, () -> make(subject, 2 * Subject.BYTES));
      }
      var _ = Scene.require(Code.OK, () -> make(subject, Subject.BYTES));
      var _ = Scene.require(Code.OK, subject::delete);
      requireContentOfCopy(subject);
      scene.remove(subject);
    }
  }
}
