package io.juicebox.node.mount;

import java.time.Duration;

/** The wait between two looks at something that can't be waited for. */
final class Pause {
  private Pause() {}

  static void of(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the program is ending", e);
    }
  }
}
