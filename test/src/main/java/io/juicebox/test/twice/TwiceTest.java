package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
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
  private static final Table TABLE =
      new Table(
          "Twice: a call that meets a volume in a state, twice in turn and %d times at once"
              .formatted(Scene.THREADS),
          "call",
          "volume",
          "arguments",
          "in turn",
          "at once",
          "then",
          "s");

  private static Scene scene;
  private static Twice twice;

  /** What came of a row whose answers were as they have to be. */
  private record Seen(
      Row row, List<Outcome<Message>> inTurn, List<Outcome<Message>> atOnce, double seconds) {}

  @BeforeAll
  static void start() {
    scene = Scene.start();
    twice = new Twice(scene);
  }

  @AfterAll
  static void end() {
    try (var _ = scene) {
      TABLE.print(System.out);
      scene.requireEmpty();
    }
  }

  @Nested
  @DisplayName("on a volume that is left alone")
  class Settled {
    @TestFactory
    Stream<DynamicTest> rows() {
      return Stream.of(State.ABSENT, State.READY, State.PUBLISHED)
          .flatMap(state -> Row.of(state).stream())
          .map(row -> dynamicTest(row.toString(), () -> add(run(row))));
    }

    private Seen run(Row row) {
      var start = System.nanoTime();
      var inTurn = onNewSubject(row, subject -> twice.inTurn(row, subject));
      var atOnce = onNewSubject(row, subject -> twice.atOnce(row, subject));
      return new Seen(row, inTurn, atOnce, secondsSince(start));
    }

    private List<Outcome<Message>> onNewSubject(
        Row row, Function<Subject, List<Outcome<Message>>> calls) {
      var subject = scene.subject();
      scene.bring(subject, row.state());
      var outcomes = calls.apply(subject);
      scene.requireState(subject, row.end());
      scene.remove(subject);
      scene.requireState(subject, State.ABSENT);
      return outcomes;
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
      subject.found(idOf(subject, scene.stack().inventory()));
      // The call goes on with what does not depend on the step: the account comes last.
      before =
          await()
              .atMost(Scene.PATIENCE)
              .until(
                  scene.stack()::inventory,
                  all -> all.of("account").stream().anyMatch(it -> it.endsWith(subject.id())));
    }

    /** The CO would know it after its next call. */
    private static String idOf(Subject subject, Inventory inventory) {
      return inventory.of("name").stream()
          .map(line -> line.split(" ", -1))
          .filter(words -> words[2].equals(subject.name()))
          .map(words -> words[3])
          .findFirst()
          .orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return heldRows(State.CREATING, before, row -> subject);
    }

    @AfterAll
    static void finish() {
      kill(held);
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
      return heldRows(
          State.DELETING,
          before,
          row -> row.rpc() == Rpc.CREATE ? scene.namesake(subject) : subject);
    }

    @AfterAll
    static void finish() {
      kill(held);
      var _ = Scene.require(Code.OK, subject::delete);
      scene.requireState(subject, State.ABSENT);
    }
  }

  /**
   * Rows of a state in which a call holds the volume, so that nothing of it changes. All run at
   * once, because most wait 2 s for the call that is held.
   */
  private static Stream<DynamicTest> heldRows(
      State state, Inventory before, Function<Row, Subject> subjects) {
    Map<Row, Future<Seen>> seen = new LinkedHashMap<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Row.of(state)
          .forEach(row -> seen.put(row, threads.submit(() -> runHeld(row, subjects.apply(row)))));
    }
    return Stream.concat(
        seen.entrySet().stream()
            .map(it -> dynamicTest(it.getKey().toString(), () -> add(result(it.getValue())))),
        Stream.of(
            dynamicTest(
                "and nothing has changed",
                () -> assertThat(scene.stack().inventory().since(before)).isEmpty())));
  }

  private static Seen runHeld(Row row, Subject subject) {
    var start = System.nanoTime();
    var inTurn = twice.inTurn(row, subject);
    var atOnce = twice.atOnce(row, subject);
    if (row.end() == State.READY) {
      var _ = Scene.require(Code.OK, subject::get);
      var _ = Scene.require(Code.OK, subject::delete);
    }
    return new Seen(row, inTurn, atOnce, secondsSince(start));
  }

  private static Seen result(Future<Seen> done) throws Throwable {
    try {
      return done.get();
    } catch (ExecutionException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  /** A SIGKILL while the call is under way, and a new start. */
  private static void kill(HeldCall held) {
    var controller = scene.stack().controller();
    held.requireUnderWay();
    controller.program().kill();
    held.requireTorn();
    controller.clearHolds();
    controller.restart();
  }

  private static void add(Seen seen) {
    TABLE.add(
        seen.row.rpc(),
        seen.row.state(),
        seen.row.arguments(),
        seen.inTurn.stream()
            .map(outcome -> outcome.code().name())
            .collect(Collectors.joining(", ")),
        counted(seen.atOnce),
        seen.row.end(),
        seen.seconds);
  }

  private static String counted(List<Outcome<Message>> outcomes) {
    var counts = new TreeMap<Code, Integer>();
    outcomes.forEach(outcome -> counts.merge(outcome.code(), 1, Integer::sum));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
