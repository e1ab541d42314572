package io.juicebox.csi.volume;

/** The StorageClass parameter {@code credentials}: what a volume's mounts use its backend with. */
public enum Credentials {
  /** A Redis user and an object-store account of the volume's own, which reach nothing else. */
  PER_VOLUME,
  /** The keys in the StorageClass's node-publish secret, the same for all its volumes. */
  SHARED
}
