package io.juicebox.test.faults;

import io.juicebox.test.server.Signals;
import io.juicebox.test.server.Waiting;
import java.time.Duration;
import java.util.Optional;

/**
 * The end of a juicefs process by SIGKILL, as who uses the mount sees it.
 *
 * @param killed the moment before the signal
 * @param served when the first answer came that the dead process can't have given: to a look, which
 *     no cache can answer
 */
record Outage(long killed, long served) {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  /** Kills the process and waits for that answer; the load has a looker. */
  static Outage kill(long juicefs, Load load) {
    long killed = System.nanoTime();
    Signals.kill(juicefs);
    return new Outage(killed, awaitServed(load, System.nanoTime()));
  }

  /**
   * Waits until a look has been answered that had to wait.
   *
   * @param gone when the process was gone
   * @return the moment of the answer
   */
  static long awaitServed(Load load, long gone) {
    if (!Waiting.until(() -> answered(load, gone).isPresent(), LIMIT, POLL)) {
      throw new AssertionError("nobody was served for " + LIMIT + " after the kill");
    }
    return answered(load, gone).orElseThrow();
  }

  private static Optional<Long> answered(Load load, long gone) {
    return load.seen().pauses().stream()
        .filter(it -> it.kind().equals("looker") && it.ended() > gone)
        .map(Seen.Pause::ended)
        .findFirst();
  }

  Duration took() {
    return Duration.ofNanos(served - killed);
  }
}
