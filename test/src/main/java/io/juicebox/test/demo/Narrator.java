package io.juicebox.test.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;

/**
 * Prints each step of the demonstration in a line of its own: what is being done, then how long it
 * took and what came out.
 */
final class Narrator {
  private static final int WIDTH = 58;

  private final PrintStream out;
  private int steps;

  Narrator(PrintStream out) {
    this.out = out;
  }

  /** One thing to show; what it answers is printed behind the time. */
  @FunctionalInterface
  interface Step {
    String run() throws Exception;
  }

  void heading(String text) {
    out.printf("%n%s%n", text);
  }

  /** Runs a step; a failure ends the line with the reason and goes on to the caller. */
  void step(String what, Step step) throws Exception {
    out.printf("  %-" + WIDTH + "s", what);
    out.flush();
    var start = Instant.now();
    try {
      var result = step.run();
      out.printf("%7.2f s   %s%n", seconds(start), result);
      steps++;
    } catch (Exception e) {
      out.printf("%7.2f s   FAILED%n", seconds(start));
      throw e;
    }
  }

  int steps() {
    return steps;
  }

  private static double seconds(Instant start) {
    return Duration.between(start, Instant.now()).toMillis() / 1000.0;
  }
}
