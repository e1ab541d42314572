package io.juicebox.csi.volume;

/** The StorageClass parameter {@code compression}: how JuiceFS compresses blocks. */
public enum Compression {
  NONE,
  LZ4,
  ZSTD
}
