package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OutOfRange;

/**
 * A volume's capacity in bytes: what df shows as its size, a multiple of 4,096.
 *
 * <p>{@link #choose} keeps within {@link #SMALLEST} and {@link #LARGEST}.
 */
public record Capacity(long bytes) implements Comparable<Capacity> {
  /** df on a JuiceFS mount counts in blocks of this size. */
  public static final long UNIT = 4096;

  /** 1 MiB: below it a filesystem holds no file of one block. */
  public static final Capacity SMALLEST = new Capacity(1L << 20);

  /** 1 EiB, well inside what JuiceFS and df can count. */
  public static final Capacity LARGEST = new Capacity(1L << 60);

  public Capacity {
    if (bytes <= 0 || bytes % UNIT != 0) {
      throw new IllegalArgumentException("a capacity is a positive multiple of 4096: " + bytes);
    }
  }

  /**
   * The capacity that answers a CSI capacity range; 0 stands for a bound that was not given.
   *
   * <p>A required size is rounded up to the unit. Without one the default is taken, or the limit
   * rounded down where that is less.
   *
   * @throws InvalidRequest when a bound is negative or the limit lies below the required size
   * @throws OutOfRange when no capacity lies within the bounds
   */
  public static Capacity choose(long required, long limit, Capacity byDefault) {
    if (required < 0) {
      throw new InvalidRequest("capacity_range.required_bytes", "is negative: " + required);
    }
    if (limit < 0) {
      throw new InvalidRequest("capacity_range.limit_bytes", "is negative: " + limit);
    }
    if (limit > 0 && limit < required) {
      throw new InvalidRequest(
          "capacity_range.limit_bytes", "%d is below required_bytes %d".formatted(limit, required));
    }
    if (required > LARGEST.bytes) {
      throw new OutOfRange(
          "capacity_range.required_bytes",
          "%d is more than the largest volume, %d".formatted(required, LARGEST.bytes));
    }
    long wanted = required > 0 ? roundUp(Math.max(required, SMALLEST.bytes)) : byDefault.bytes;
    if (limit > 0 && limit < wanted) {
      wanted = required > 0 ? wanted : limit - limit % UNIT;
      if (wanted > limit || wanted < SMALLEST.bytes) {
        throw new OutOfRange(
            "capacity_range.limit_bytes",
            "no volume fits: sizes are multiples of %d bytes from %d up, and the limit is %d"
                .formatted(UNIT, SMALLEST.bytes, limit));
      }
    }
    return new Capacity(wanted);
  }

  private static long roundUp(long bytes) {
    return (bytes + UNIT - 1) / UNIT * UNIT;
  }

  @Override
  public int compareTo(Capacity other) {
    return Long.compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return bytes + " bytes";
  }
}
