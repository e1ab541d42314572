package io.juicebox.controller.fork;

import java.time.Duration;

/**
 * How much Redis may be asked for in one step, by what the steps before have taken. Safe for any
 * number of threads.
 */
final class StepCost {
  /** What one element takes before anything was measured: eight times what was seen. */
  private static final double FIRST_GUESS_MICROS = 10;

  /** A step of fewer elements tells little of one. */
  private static final long LEAST_ELEMENTS = 100;

  /** How much of an estimate a new measurement changes. */
  private static final double WEIGHT = 0.2;

  /** What may be planned for: a step may take twice as long as the estimate says ... */
  private static final double SHARE = 0.5;

  /** ... and when it writes, the server has as much to do after it, for its log. */
  private static final double SHARE_OF_A_WRITING_STEP = 0.25;

  /** How many times the longest step a pause may be. */
  private static final int LONGEST_PAUSE = 16;

  private final Duration longest;
  private final long most;
  private final double share;
  private volatile double micros = FIRST_GUESS_MICROS;
  private volatile boolean isKnown;

  /**
   * @param longest how long a step may keep the server
   * @param most elements of a step, however fast the server is
   */
  StepCost(Duration longest, long most) {
    this(longest, most, SHARE);
  }

  private StepCost(Duration longest, long most, double share) {
    this.longest = longest;
    this.most = most;
    this.share = share;
  }

  /** The same for steps that write what they read into another number. */
  static StepCost ofCopying(Duration longest, long most) {
    return new StepCost(longest, most, SHARE_OF_A_WRITING_STEP);
  }

  /** The elements that a step may have: keys, and parts of their values. */
  long elements() {
    double fit = longest.toNanos() / 1_000.0 * share / micros;
    return Math.max(LEAST_ELEMENTS, Math.min(most, (long) fit));
  }

  /** Whether anything was measured. */
  boolean isKnown() {
    return isKnown;
  }

  /** A step of so many elements has kept the server for so long. */
  synchronized void measured(long elements, Duration took) {
    if (elements >= LEAST_ELEMENTS) {
      double now = took.toNanos() / 1_000.0 / elements;
      micros = isKnown ? micros + WEIGHT * (now - micros) : now;
      isKnown = true;
    }
  }

  /**
   * How long writers may be made to wait for a reading that took so long before: no longer than a
   * step, but for a value that is too large for one, and that is written to all the time.
   */
  Duration pause(Duration took) {
    Duration wanted = took.multipliedBy(2);
    Duration most = longest.multipliedBy(LONGEST_PAUSE);
    return wanted.compareTo(longest) < 0 ? longest : wanted.compareTo(most) < 0 ? wanted : most;
  }
}
