package io.juicebox.test.faults;

import io.grpc.Status.Code;
import io.juicebox.test.table.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Calls as a CO does, again until it succeeds, and remembers what was answered on the way. May be
 * used by several threads at once.
 */
final class Persistence {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final List<Code> PASSING =
      List.of(Code.UNAVAILABLE, Code.ABORTED, Code.DEADLINE_EXCEEDED, Code.CANCELLED);

  /** What the client's own library says, with UNKNOWN, of a connection that is just ending. */
  private static final String CUT_OFF = "channel closed";

  private final Duration limit;
  private final TreeMap<String, Integer> codes = new TreeMap<>();
  private final TreeSet<String> unexpected = new TreeSet<>();
  private final AtomicLong longest = new AtomicLong();

  /**
   * @param limit for all attempts of one call together
   */
  Persistence(Duration limit) {
    this.limit = limit;
  }

  /** As {@link #call}, without an answer. */
  void run(String what, Runnable call) {
    var _ =
        call(
            what,
            () -> {
              call.run();
              return what;
            });
  }

  /** Makes a call until it succeeds. */
  <T> T call(String what, Supplier<T> call) {
    long start = System.nanoTime();
    while (true) {
      var outcome = Outcome.of(call);
      longest.accumulateAndGet(outcome.took().toMillis(), Math::max);
      if (outcome.code() == Code.OK) {
        return outcome.get();
      }
      note(what, outcome);
      if (System.nanoTime() - start > limit.toNanos()) {
        throw new AssertionError("%s after %s: %s".formatted(what, limit, outcome));
      }
      Wait.of(PAUSE);
    }
  }

  private synchronized void note(String what, Outcome<?> outcome) {
    codes.merge(outcome.code().name(), 1, Integer::sum);
    if (!PASSING.contains(outcome.code()) && !outcome.message().equals(CUT_OFF)) {
      unexpected.add(what + ": " + outcome);
    }
  }

  /** How often each code was answered. */
  synchronized SortedMap<String, Integer> codes() {
    return new TreeMap<>(codes);
  }

  /** Answers that do not tell a CO that calling again helps. */
  synchronized List<String> unexpected() {
    return List.copyOf(unexpected);
  }

  /** The longest attempt. */
  Duration longest() {
    return Duration.ofMillis(longest.get());
  }
}
