package io.juicebox.node.mount;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a volume's processes have gone through, from the first that ended until one serves for a
 * while. Times are of {@link System#nanoTime}.
 *
 * @param failures ends soon after the start, and starts that failed
 * @param first when it began
 * @param served when the last one began to serve
 * @param cause why the last one ended or did not start
 * @param pending no process serves
 */
record Trouble(int failures, long first, long served, String cause, boolean pending) {
  /** One that served for so long has worked: its end has nothing to do with that of the last. */
  private static final Duration WORKED = Duration.ofSeconds(5);

  private static final int AT_ONCE = 2;
  private static final Duration SHORTEST = Duration.ofMillis(250);

  /** A start costs a tenth of a second of a processor, and programs wait for what it ends. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** A process that served has ended. */
  static Trouble after(@Nullable Trouble last, String cause, long now) {
    return last != null && now - last.served < WORKED.toNanos()
        ? new Trouble(last.failures + 1, last.first, last.served, cause, true)
        : new Trouble(0, now, now, cause, true);
  }

  /** A successor did not start. */
  static Trouble failed(@Nullable Trouble last, String cause, long now) {
    return last == null
        ? new Trouble(1, now, now, cause, true)
        : new Trouble(last.failures + 1, last.first, last.served, cause, true);
  }

  /** A successor serves. */
  Trouble over(long now) {
    return new Trouble(failures, first, now, cause, false);
  }

  /** How long to wait before the next attempt. */
  Duration delay() {
    if (failures <= AT_ONCE) {
      return Duration.ZERO;
    }
    int doublings = Math.min(failures - AT_ONCE, 10);
    Duration delay = SHORTEST.multipliedBy(1L << doublings);
    return delay.compareTo(LONGEST) < 0 ? delay : LONGEST;
  }

  Duration lasts(long now) {
    return Duration.ofNanos(now - first);
  }
}
