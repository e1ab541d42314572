package io.juicebox.test.twice;

import io.grpc.Status.Code;
import io.juicebox.test.stack.Inventory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("twice")
@DisplayName("A call about copies that is made twice")
final class CopiesTwiceTest {
  private static Scene scene;
  private static Rows rows;

  @BeforeAll
  static void start() {
    scene = Scene.start();
    rows = new Rows(scene, "a volume with copies");
  }

  @AfterAll
  static void end() {
    try (var _ = scene) {
      rows.print(System.out);
      scene.requireEmpty();
    }
  }

  @Nested
  @DisplayName("on a volume with a snapshot")
  class Kept {
    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.settled(State.KEPT);
    }
  }

  @Nested
  @DisplayName("while another call makes a snapshot")
  class SnapshotBeingMade {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      scene.bring(subject, State.READY);
      held = HeldCall.at(scene.stack().controller(), "snapshot.read", subject::snapshot);
      subject.foundSnapshot(scene.idOf("snapshotName", subject.name() + "-snap"));
      before = scene.stack().inventory();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.held(State.KEEPING, before, row -> subject);
    }

    @AfterAll
    static void finish() {
      rows.kill(held);
      var _ = Scene.require(Code.OK, subject::snapshot);
      scene.requireState(subject, State.KEPT);
      scene.remove(subject);
    }
  }

  @Nested
  @DisplayName("while another call deletes the snapshot")
  class SnapshotBeingDeleted {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      scene.bring(subject, State.KEPT);
      held = HeldCall.at(scene.stack().controller(), "snapshot.buried", subject::deleteSnapshot);
      before = scene.stack().inventory();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.held(State.FORGETTING, before, row -> subject);
    }

    @AfterAll
    static void finish() {
      rows.kill(held);
      var _ = Scene.require(Code.OK, subject::deleteSnapshot);
      scene.requireState(subject, State.READY);
      scene.remove(subject);
    }
  }

  @Nested
  @DisplayName("while another call makes a volume of it")
  class BeingCopied {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      scene.bring(subject, State.READY);
      held =
          HeldCall.at(
              scene.stack().controller(), "create.intent", () -> subject.copy(Subject.BYTES));
      before = scene.stack().inventory();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.held(State.COPYING, before, row -> subject);
    }

    @AfterAll
    static void finish() {
      rows.kill(held);
      var _ = Scene.require(Code.OK, () -> subject.copy(Subject.BYTES));
      scene.requireState(subject, State.COPIED);
      scene.remove(subject);
    }
  }

  @Nested
  @DisplayName("while another call makes a volume of its snapshot")
  class BeingRestored {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      scene.bring(subject, State.KEPT);
      held =
          HeldCall.at(
              scene.stack().controller(), "create.intent", () -> subject.restore(Subject.BYTES));
      before = scene.stack().inventory();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.held(State.RESTORING, before, row -> subject);
    }

    @AfterAll
    static void finish() {
      rows.kill(held);
      var _ = Scene.require(Code.OK, () -> subject.restore(Subject.BYTES));
      scene.requireState(subject, State.RESTORED);
      scene.remove(subject);
    }
  }
}
