package io.juicebox.node.kernel;

import java.time.Duration;

/** The instant until which a call may take, on the clock that only runs forward. */
public record Deadline(long nanoTime) {
  public static Deadline after(Duration limit) {
    return new Deadline(System.nanoTime() + limit.toNanos());
  }

  /** The time that is left, zero when it has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  public boolean passed() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /** The time that is left, or a limit where that is less. */
  public Duration remaining(Duration most) {
    Duration left = remaining();
    return left.compareTo(most) < 0 ? left : most;
  }
}
