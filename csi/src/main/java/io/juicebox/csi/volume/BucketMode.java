package io.juicebox.csi.volume;

/** The StorageClass parameter {@code bucketMode}. */
public enum BucketMode {
  /** All lineages of a backend have a prefix each in its one bucket. */
  SHARED,
  /** Each lineage has a bucket of its own, named after it. */
  DEDICATED
}
