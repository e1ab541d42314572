package io.juicebox.controller.volume;

import java.time.Duration;

/**
 * When a caller stops waiting for an answer.
 *
 * @param nanoTime as {@link System#nanoTime} counts
 */
public record Deadline(long nanoTime) {

  public static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** What is left; negative when it is over. */
  public Duration left() {
    return Duration.ofNanos(nanoTime - System.nanoTime());
  }

  public boolean isOver() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /** This one, or the end of a duration from now where that comes first. */
  public Deadline atMost(Duration duration) {
    Deadline other = in(duration);
    return nanoTime - other.nanoTime < 0 ? this : other;
  }

  /** A deadline that leaves so much time to answer before this one. */
  public Deadline before(Duration margin) {
    return new Deadline(nanoTime - margin.toNanos());
  }
}
