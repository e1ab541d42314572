package io.juicebox.csi.volume;

/** The StorageClass parameter {@code cacheMode}. */
public enum CacheMode {
  /** Other nodes' changes show as soon as JuiceFS allows. */
  STRICT,
  /** Long kernel caches, for volumes that one node at a time uses. */
  EXCLUSIVE
}
