package io.juicebox.csi.volume;

/**
 * A volume's place in Redis: database N on a standalone server or behind Sentinel.
 *
 * @param value 0 stays empty because every connection starts there, 1 is the registry, volumes have
 *     2 and more
 */
@SuppressWarnings(
    "AvoidCommonTypeNames") // DESIGN.md's word; java.lang.Number is not used beside it
public record Number(int value) implements Comparable<Number> {
  public static final Number REGISTRY = new Number(1);
  public static final Number FIRST_VOLUME = new Number(2);

  public Number {
    if (value < 0) {
      throw new IllegalArgumentException("a number is not negative: " + value);
    }
  }

  @Override
  public int compareTo(Number other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
