package io.juicebox.controller.collector;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** How many relatives name each of some slices, as far as it was counted. For one thread. */
final class Tally {
  private static final int SEVERAL = 2;

  private final long[] slices;
  private final byte[] relatives;

  /**
   * @param slices ascending
   */
  Tally(long[] slices) {
    this.slices = slices;
    this.relatives = new byte[slices.length];
  }

  /**
   * Counts one relative.
   *
   * @param ids some of the slices, ascending
   * @param named which of them it names, by their place among them
   */
  void add(long[] ids, BitSet named) {
    named.stream()
        .map(place -> Arrays.binarySearch(slices, ids[place]))
        .forEach(place -> relatives[place] = (byte) Math.min(SEVERAL, relatives[place] + 1));
  }

  /** Those that none names, ascending. */
  long[] unnamed() {
    return IntStream.range(0, slices.length)
        .filter(place -> relatives[place] == 0)
        .mapToLong(place -> slices[place])
        .toArray();
  }

  /** How many name a slice: 0, 1, or 2 for several. */
  int relatives(long slice) {
    return relatives[Arrays.binarySearch(slices, slice)];
  }
}
