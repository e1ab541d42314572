package io.juicebox.test.faults;

import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Volumes on the same node with the same load, which no fault may reach. How long they wait without
 * one depends on the machine and what else it does, so that is measured first: the control.
 */
final class Neighbours implements AutoCloseable {
  /** How much longer than in the control an operation may take during a fault. */
  static final Duration TOLERANCE = Duration.ofMillis(500);

  private static final int VOLUMES = 3;
  private static final Duration CONTROL = Duration.ofSeconds(Rounds.of(6, 30));

  private final List<LoadedVolume> volumes = new ArrayList<>();
  private final List<Load> loads = new ArrayList<>();
  private Duration control = Duration.ZERO;
  private long checked;

  private Neighbours() {}

  /** Publishes them, starts their loads and measures the control. */
  static Neighbours start(LocalStack stack) {
    return start(stack, 1);
  }

  /**
   * As {@link #start(LocalStack)}, at another pace.
   *
   * @param pace that of the volumes which the fault hits, see {@link LoadedVolume#load(Path,
   *     double, List)}
   */
  static Neighbours start(LocalStack stack, double pace) {
    var neighbours = new Neighbours();
    for (int i = 1; i <= VOLUMES; i++) {
      var volume = LoadedVolume.published(stack, "neighbour-" + i);
      neighbours.volumes.add(volume);
      neighbours.loads.add(volume.load(volume.target(), pace, Load.ALL));
    }
    neighbours.loads.forEach(Load::awaitReady);
    neighbours.measureControl();
    return neighbours;
  }

  /** Measures again how long they wait without a fault. */
  void measureControl() {
    long start = System.nanoTime();
    Wait.of(CONTROL);
    var seen = seen(start);
    if (!seen.stream().allMatch(it -> it.failures().isEmpty() && it.wrong().isEmpty())) {
      throw new AssertionError("without any fault they see errors: " + seen);
    }
    control = longest(seen);
    checked = System.nanoTime();
  }

  /** The longest operation without a fault; it is known only that one is shorter than 50 ms. */
  Duration control() {
    return control;
  }

  /** Tells a row what they have seen since the last row. */
  void tell(Row row) {
    var seen = seen(checked);
    checked = System.nanoTime();
    row.neighbours(longest(seen), control);
    for (var one : seen) {
      one.failures().forEach(failure -> row.mistake("a neighbour saw " + failure));
      one.wrong().forEach(wrong -> row.mistake("a neighbour: " + wrong));
    }
  }

  private List<Seen> seen(long since) {
    return loads.stream().map(load -> load.seen().between(since, Long.MAX_VALUE)).toList();
  }

  private static Duration longest(List<Seen> seen) {
    return seen.stream().map(Seen::longestPause).max(Duration::compareTo).orElseThrow();
  }

  /** Ends their loads with a last check, unpublishes and deletes them. */
  @Override
  public void close() {
    var wrong = loads.stream().flatMap(load -> load.stop().wrong().stream()).toList();
    volumes.forEach(LoadedVolume::close);
    if (!wrong.isEmpty()) {
      throw new AssertionError("neighbours at their end: " + wrong);
    }
  }
}
