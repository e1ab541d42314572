package io.juicebox.test.stack;

/** How often the tables repeat what depends on timing. */
public final class Rounds {
  /**
   * By how much bounds of times may be missed: by nothing when run by a stage's own target or by
   * {@code make soak}, which assume that the machine has nothing else to do.
   */
  public static final int LENIENCE =
      Boolean.getBoolean("strict") || Boolean.getBoolean("soak") ? 1 : 10;

  private Rounds() {}

  /** The small count, or the full one when run by {@code make soak}. */
  public static int of(int small, int full) {
    return Boolean.getBoolean("soak") ? full : small;
  }
}
