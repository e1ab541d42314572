package io.juicebox.controller.registry;

import io.juicebox.csi.volume.VolumeId;

/**
 * What a copy is made of.
 *
 * @param id a volume's or a snapshot's: both have the same shape
 */
public record Origin(Kind kind, VolumeId id) {
  /** What there can be copies of. */
  public enum Kind {
    VOLUME,
    SNAPSHOT;

    /** What the keys of their records begin with. */
    String prefix() {
      return switch (this) {
        case VOLUME -> "volume:";
        case SNAPSHOT -> "snapshot:";
      };
    }
  }

  /** Reads a record's key. */
  static Origin parse(String key) {
    for (Kind kind : Kind.values()) {
      if (key.startsWith(kind.prefix())) {
        return new Origin(kind, new VolumeId(key.substring(kind.prefix().length())));
      }
    }
    throw new IllegalStateException("the registry holds a record's key of no known kind: " + key);
  }

  /** The key of its record, which is also how it is written down. */
  public String key() {
    return kind.prefix() + id.value();
  }
}
