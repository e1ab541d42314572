package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.io.PrintStream;
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
import org.junit.jupiter.api.DynamicTest;

/** Runs rows of the table as tests, and prints what came of them. */
final class Rows {
  private final Scene scene;
  private final Twice twice;
  private final Table table;

  /**
   * @param whose what the calls meet, for the title
   */
  Rows(Scene scene, String whose) {
    this.scene = scene;
    this.twice = new Twice(scene);
    this.table =
        new Table(
            "Twice: a call that meets %s in a state, twice in turn and %d times at once"
                .formatted(whose, Scene.THREADS),
            "call",
            "volume",
            "arguments",
            "in turn",
            "at once",
            "then",
            "s");
  }

  /** What came of a row whose answers were as they have to be. */
  private record Seen(
      Row row, List<Outcome<Message>> inTurn, List<Outcome<Message>> atOnce, double seconds) {}

  void print(PrintStream out) {
    table.print(out);
  }

  /** Rows of states that last, each with volumes of its own. */
  Stream<DynamicTest> settled(State... states) {
    return Stream.of(states)
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

  /**
   * Rows of a state in which a call holds the volume, so that nothing of it changes. All run at
   * once, because most wait 2 s for the call that is held.
   */
  Stream<DynamicTest> held(State state, Inventory before, Function<Row, Subject> subjects) {
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

  private Seen runHeld(Row row, Subject subject) {
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
  void kill(HeldCall held) {
    var controller = scene.stack().controller();
    held.requireUnderWay();
    controller.program().kill();
    held.requireTorn();
    controller.clearHolds();
    controller.restart();
  }

  private void add(Seen seen) {
    table.add(
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
