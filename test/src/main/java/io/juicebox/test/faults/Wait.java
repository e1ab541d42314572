package io.juicebox.test.faults;

import java.time.Duration;

/** A time in which loads go on and are watched. */
final class Wait {
  private Wait() {}

  static void of(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
