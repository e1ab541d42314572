package io.juicebox.test.server;

import java.time.Duration;

/** Waits for conditions by polling. */
public final class Waiting {
  private Waiting() {}

  /** Something that becomes true. */
  @FunctionalInterface
  public interface Condition {
    boolean holds();
  }

  /** Polls until the condition holds; false when {@code limit} is over first. */
  public static boolean until(Condition condition, Duration limit, Duration poll) {
    var end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      try {
        Thread.sleep(poll);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return condition.holds();
      }
    }
    return true;
  }
}
