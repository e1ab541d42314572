package io.juicebox.node.publish;

import java.util.ArrayDeque;

/** How to take back what a call has done so far, the last first. */
final class Undo {
  private final ArrayDeque<Runnable> steps = new ArrayDeque<>();

  void push(Runnable step) {
    steps.push(step);
  }

  /** Takes everything back; what fails in that is told beside the failure that led here. */
  void run(RuntimeException failure) {
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
