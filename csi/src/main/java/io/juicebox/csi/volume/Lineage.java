package io.juicebox.csi.volume;

import io.juicebox.csi.status.Printable;
import java.util.regex.Pattern;

/**
 * The volumes and snapshots that share data blocks. Its name is the JuiceFS Name of each member and
 * the object prefix {@code <name>/} of their blocks: the id of the lineage's first volume.
 *
 * @param value 3 to 63 of {@code [a-z0-9-]}, as JuiceFS wants its names
 */
public record Lineage(String value) {
  private static final Pattern PATTERN = Pattern.compile("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]");

  public Lineage {
    if (!PATTERN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a lineage's name is 3 to 63 of a-z, 0-9 and inner hyphens: " + Printable.of(value));
    }
  }

  /** The lineage that begins with a volume. */
  public static Lineage startedBy(VolumeId first) {
    return new Lineage(first.value());
  }

  /** The prefix of every object of the lineage, with the slash that ends it. */
  public String prefix() {
    return value + "/";
  }

  /** The key of the object that proves a mount's credentials, readable by all members. */
  public String ownerKey() {
    return prefix() + "owner";
  }

  @Override
  public String toString() {
    return value;
  }
}
