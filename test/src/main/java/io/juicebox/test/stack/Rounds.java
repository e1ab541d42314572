package io.juicebox.test.stack;

/** How often the tables repeat what depends on timing. */
public final class Rounds {
  private Rounds() {}

  /** The small count, or the full one when run by {@code make soak}. */
  public static int of(int small, int full) {
    return Boolean.getBoolean("soak") ? full : small;
  }
}
