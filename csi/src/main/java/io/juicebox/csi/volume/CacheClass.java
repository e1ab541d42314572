package io.juicebox.csi.volume;

import java.util.Collection;

/**
 * How long a mount's kernel may trust what it knows, decided once for a volume from all the access
 * modes that were requested for it: at publish the kubelet passes only one of them.
 */
public enum CacheClass {
  /** Several nodes may write: names are looked up anew each time. */
  SHARED,
  /** One node at a time: JuiceFS's own defaults. */
  SINGLE,
  /** One node at a time, and the StorageClass asked for {@code cacheMode: exclusive}. */
  EXCLUSIVE;

  /** The class for a volume that was requested with these modes. */
  static CacheClass of(Collection<AccessMode> requested, CacheMode mode) {
    if (!requested.stream().allMatch(AccessMode::singleNode)) {
      return SHARED;
    }
    return switch (mode) {
      case STRICT -> SINGLE;
      case EXCLUSIVE -> EXCLUSIVE;
    };
  }
}
