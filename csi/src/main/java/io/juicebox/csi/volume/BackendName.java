package io.juicebox.csi.volume;

import io.juicebox.csi.status.Printable;
import java.util.regex.Pattern;

/**
 * The name that an operator gave to a backend: a Redis and an object store that belong together.
 *
 * @param value 1 to 20 of {@code [a-z0-9-]}, neither beginning nor ending with a hyphen
 */
public record BackendName(String value) implements Comparable<BackendName> {
  static final String SHAPE = "[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?";
  private static final Pattern PATTERN = Pattern.compile(SHAPE);

  public BackendName {
    if (!PATTERN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a backend's name is 1 to 20 of a-z, 0-9 and inner hyphens: " + Printable.of(value));
    }
  }

  @Override
  public int compareTo(BackendName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
