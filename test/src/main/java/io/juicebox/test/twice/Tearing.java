package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.ops.Steps;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.table.Table;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Kills a program while calls stand still at named steps, and counts. One SIGKILL tears all the
 * calls of a round, each on a volume of its own.
 */
final class Tearing {
  private final Scene scene;
  private final DriverProcess program;
  private final Function<String, Operation> operations;
  private final Map<String, List<Duration>> recoveries = new TreeMap<>();

  /**
   * @param operations by the label of a step
   */
  Tearing(Scene scene, DriverProcess program, Function<String, Operation> operations) {
    this.scene = scene;
    this.program = program;
    this.operations = operations;
  }

  /** What a round is called. */
  static String title(int round, List<? extends Steps.Step> steps) {
    return steps.size() == 1
        ? "round %d, killed after %s".formatted(round + 1, steps.getFirst().label())
        : "round %d, killed after %d different steps".formatted(round + 1, steps.size());
  }

  private record Torn(String step, Operation operation, Subject subject) {}

  /** One kill. */
  void round(int round, List<? extends Steps.Step> steps) throws Exception {
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
    assertThat(scene.stack().inventory().since(before)).as("what is left of the round").isEmpty();
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

  /** Every step was torn so many times, and what the program was like afterwards is known. */
  void requireKills(List<? extends Steps.Step> steps, int times) {
    assertThat(steps)
        .allSatisfy(step ->
            assertThat(recoveries.getOrDefault(step.label(), List.of()))
                .as("kills at %s that were recovered from", step.label())
                .hasSize(times));
  }

  void printHistogram(String title, List<? extends Steps.Step> steps, PrintStream out) {
    var table = new Table(title, "killed after", "kills", "", "slowest recovery");
    for (var step : steps) {
      var all = recoveries.getOrDefault(step.label(), List.of());
      var slowest = all.stream().max(Duration::compareTo).orElse(Duration.ZERO);
      table.add(step.label(), all.size(), "#".repeat(all.size()), slowest.toMillis() + " ms");
    }
    table.print(out);
  }
}
