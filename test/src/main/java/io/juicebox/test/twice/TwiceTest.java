package io.juicebox.test.twice;

import static org.awaitility.Awaitility.await;

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
@DisplayName("A call that is made twice")
final class TwiceTest {
  private static Scene scene;
  private static Rows rows;

  @BeforeAll
  static void start() {
    scene = Scene.start();
    rows = new Rows(scene, "a volume");
  }

  @AfterAll
  static void end() {
    try (var _ = scene) {
      rows.print(System.out);
      scene.requireEmpty();
    }
  }

  @Nested
  @DisplayName("on a volume that is left alone")
  class Settled {
    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.settled(State.ABSENT, State.READY, State.PUBLISHED);
    }
  }

  @Nested
  @DisplayName("on a volume that another call is creating")
  class BeingCreated {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      held = HeldCall.at(scene.stack().controller(), "create.formatted", subject::create);
      subject.found(scene.idOf("name", subject.name()));
      // The call goes on with what does not depend on the step: the account comes last.
      before =
          await()
              .atMost(Scene.PATIENCE)
              .until(
                  scene.stack()::inventory,
                  all -> all.of("account").stream().anyMatch(it -> it.endsWith(subject.id())));
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.held(State.CREATING, before, row -> subject);
    }

    @AfterAll
    static void finish() {
      rows.kill(held);
      var _ = Scene.require(Code.OK, subject::create);
      scene.requireState(subject, State.READY);
      scene.remove(subject);
    }
  }

  @Nested
  @DisplayName("on a volume that another call is deleting")
  class BeingDeleted {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      scene.bring(subject, State.READY);
      held = HeldCall.at(scene.stack().controller(), "delete.objects", subject::delete);
      before = scene.stack().inventory();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return rows.held(
          State.DELETING,
          before,
          row -> row.rpc() == Rpc.CREATE ? scene.namesake(subject) : subject);
    }

    @AfterAll
    static void finish() {
      rows.kill(held);
      var _ = Scene.require(Code.OK, subject::delete);
      scene.requireState(subject, State.ABSENT);
    }
  }
}
