package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.juicebox.csi.ops.Steps;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Table;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Kills a program while calls stand still at named steps, and counts. One SIGKILL tears all the
 * calls of a round, each on a volume of its own.
 */
final class Tearing {
  /** Of a program's own table. */
  static final int ROUNDS = Rounds.of(3, 10);

  private final Scene scene;
  private final DriverProcess program;
  private final List<Steps.Step> steps;
  private final int rounds;
  private final Function<String, Operation> operations;
  private final Map<String, List<Duration>> recoveries = new TreeMap<>();

  /**
   * @param steps all that are to be torn, in each round
   * @param operations by the label of a step
   */
  Tearing(
      Scene scene,
      DriverProcess program,
      List<Steps.Step> steps,
      int rounds,
      Function<String, Operation> operations) {
    this.scene = scene;
    this.program = program;
    this.steps = steps;
    this.rounds = rounds;
    this.operations = operations;
  }

  /**
   * All kills of all rounds.
   *
   * @param together which steps one kill tears at once; in a soak each has its own
   */
  Stream<DynamicTest> kills(List<List<Steps.Step>> together) {
    var kills = Rounds.of(0, 1) == 1 ? steps.stream().map(List::of).toList() : together;
    return IntStream.range(0, rounds)
        .boxed()
        .flatMap(round ->
            kills.stream().map(torn -> dynamicTest(title(round, torn), () -> kill(round, torn))));
  }

  private static String title(int round, List<Steps.Step> steps) {
    return steps.size() == 1
        ? "round %d, killed after %s".formatted(round + 1, steps.getFirst().label())
        : "round %d, killed after %d different steps".formatted(round + 1, steps.size());
  }

  private record Torn(String step, Operation operation, Subject subject) {}

  private void kill(int round, List<Steps.Step> steps) throws Exception {
    var before = scene.stack().inventory();
    var torn = new ArrayList<Torn>();
    for (var step : steps) {
      var operation = operations.apply(step.label());
      torn.add(new Torn(step.label(), operation, operation.prepare()));
    }
    var calls =
        torn.stream()
            .map(it -> HeldCall.at(program, it.step, () -> it.operation.call(it.subject)))
            .toList();
    calls.forEach(HeldCall::requireUnderWay);
    program.program().kill();
    calls.forEach(HeldCall::requireTorn);
    program.clearHolds();
    program.restart();
    for (var it : torn) {
      recover(it, round);
    }
    assertThat(scene.stack().leftSince(before, Scene.PATIENCE))
        .as("what is left of the round")
        .isEmpty();
  }

  private void recover(Torn torn, int round) throws Exception {
    var start = System.nanoTime();
    try {
      torn.operation.recover(torn.subject, round);
    } catch (Exception | AssertionError e) {
      throw new AssertionError("after a kill at " + torn.step + ": " + e.getMessage(), e);
    }
    var took = Duration.ofNanos(System.nanoTime() - start);
    recoveries.computeIfAbsent(torn.step, _ -> new ArrayList<>()).add(took);
  }

  /** Every step was torn in each round, and what the program was like afterwards is known. */
  void requireKills() {
    assertThat(steps)
        .allSatisfy(step ->
            assertThat(recoveries.getOrDefault(step.label(), List.of()))
                .as("kills at %s that were recovered from", step.label())
                .hasSize(rounds));
  }

  void printHistogram(String title, PrintStream out) {
    var table = new Table(title, "killed after", "kills", "", "slowest recovery");
    for (var step : steps) {
      var all = recoveries.getOrDefault(step.label(), List.of());
      var slowest = all.stream().max(Duration::compareTo).orElse(Duration.ZERO);
      table.add(step.label(), all.size(), "#".repeat(all.size()), slowest.toMillis() + " ms");
    }
    table.print(out);
  }
}
