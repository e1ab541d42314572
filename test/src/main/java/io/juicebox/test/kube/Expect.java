package io.juicebox.test.kube;

import io.juicebox.test.server.Waiting;
import java.time.Duration;
import java.util.function.Supplier;

/** Waits for what the cluster comes to by itself. */
final class Expect {
  private static final Duration POLL = Duration.ofMillis(100);

  private Expect() {}

  /**
   * Waits until the condition holds.
   *
   * @param details what to tell when it does not, for example events
   */
  static void within(
      Duration limit, String what, Waiting.Condition condition, Supplier<String> details) {
    if (!Waiting.until(condition, limit, POLL)) {
      throw new AssertionError(
          "after %d s, not: %s%n%s".formatted(limit.toSeconds(), what, details.get()));
    }
  }

  static void within(Duration limit, String what, Waiting.Condition condition) {
    within(limit, what, condition, () -> "");
  }
}
