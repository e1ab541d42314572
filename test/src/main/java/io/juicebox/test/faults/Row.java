package io.juicebox.test.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One kind of event, over all its rounds: what was seen, and what of that may not be. */
final class Row {
  /**
   * Bounds of time hold as they are when the machine has nothing else to do, which `make faults`
   * and a soak assume. Among all other tests ten times as much is allowed.
   */
  static final int LENIENCE = Boolean.getBoolean("strict") || Boolean.getBoolean("soak") ? 1 : 10;

  /** More of one sort are no news. */
  private static final int MOST = 20;

  private final String event;
  private final Duration bound;
  private final List<Duration> pauses = new ArrayList<>();
  private final Map<String, Integer> errors = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> mistakes = new ArrayList<>();
  private String neighbours = "";

  /**
   * @param bound of each round's pause
   */
  Row(String event, Duration bound) {
    this.event = event;
    this.bound = bound.multipliedBy(LENIENCE);
  }

  /** How long the volume was away in one round, or what took longest. */
  void pause(Duration pause) {
    pauses.add(pause);
    if (pause.compareTo(bound) > 0) {
      mistake("a pause of %d ms; the bound is %d ms".formatted(pause.toMillis(), bound.toMillis()));
    }
  }

  /** What the application saw in one round. */
  void errors(Seen seen) {
    seen.failures().forEach(failure -> errors.merge(failure.error(), 1, Integer::sum));
  }

  /** Something beside the pause that was measured. */
  void note(String text) {
    if (!notes.contains(text)) {
      notes.add(text);
    }
  }

  void mistake(String text) {
    mistakes.add(text);
  }

  void neighbours(Duration longest, Duration control) {
    neighbours = "%s (control %s)".formatted(shown(longest), shown(control));
    if (longest.compareTo(control.plus(Neighbours.TOLERANCE.multipliedBy(LENIENCE))) > 0) {
      mistake(
          "a neighbour waited %d ms, and %d ms without a fault"
              .formatted(longest.toMillis(), control.toMillis()));
    }
  }

  /** How often the median is another's, which may not be more than a bound. */
  double times(Row yardstick, double most) {
    double times = (double) median().toMillis() / yardstick.median().toMillis();
    if (times > most * LENIENCE) {
      mistake("%.2f times that of %s; the bound is %.1f".formatted(times, yardstick.event, most));
    }
    return times;
  }

  Duration median() {
    var sorted = new ArrayList<>(pauses);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  /** Puts it into the table; fails when anything was not as it must be. */
  void finish(FaultTable table) {
    table.add(this);
    if (!mistakes.isEmpty()) {
      var shown = String.join("\n  ", mistakes.subList(0, Math.min(MOST, mistakes.size())));
      throw new AssertionError("%s: %d mistakes\n  %s".formatted(event, mistakes.size(), shown));
    }
  }

  /** As {@link FaultTable#COLUMNS}. */
  Object[] cells() {
    var saw = new ArrayList<String>();
    errors.forEach((error, count) -> saw.add(count + " x " + error));
    var longest = pauses.stream().max(Duration::compareTo).map(Row::shown).orElse("");
    return new Object[] {
      event,
      pauses.size(),
      saw.isEmpty() ? "no error" : String.join(", ", saw),
      pauses.isEmpty() ? "" : shown(median()),
      longest,
      bound.toMillis() + " ms",
      neighbours,
      String.join("; ", notes),
      mistakes.isEmpty() ? "ok" : "WRONG"
    };
  }

  /** Shorter ones are not looked at. */
  private static String shown(Duration pause) {
    return pause.isZero() ? "< 50 ms" : pause.toMillis() + " ms";
  }
}
