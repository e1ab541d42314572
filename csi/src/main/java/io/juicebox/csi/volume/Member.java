package io.juicebox.csi.volume;

/**
 * A volume's place within its lineage: 1 for the first volume, never given twice.
 *
 * <p>A member writes only slices of its own range, so that a block's key tells who wrote it
 * (DESIGN.md, decision 3).
 */
public record Member(int value) {
  public static final Member FIRST = new Member(1);
  private static final long RANGE = 1_000_000_000_000L;

  /** The last one whose whole range JuiceFS's 63 bits hold. */
  private static final int LAST = 9_223_371;

  public Member {
    if (value < 1 || value > LAST) {
      throw new IllegalArgumentException("a member's number is 1 to " + LAST + ": " + value);
    }
  }

  /** The keys of this member's blocks within its lineage, as policies of S3 write patterns. */
  public String blockPattern() {
    return "chunks/" + value + "??????/*"; // JuiceFS begins a block's key with its slice id / 10^6
  }

  /** The first slice id of this member's range of 10^12. */
  public long firstSlice() {
    return value * RANGE;
  }

  /** The last slice id of that range. */
  public long lastSlice() {
    return firstSlice() + RANGE - 1;
  }
}
