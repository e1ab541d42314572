package io.juicebox.node.kernel;

/** What statfs(2) tells: bytes and inodes of a filesystem, as df shows them. */
public record FilesystemRoom(
    long bytes, long freeBytes, long availableBytes, long inodes, long freeInodes) {
  /** Bytes in use: df's Used. */
  public long usedBytes() {
    return bytes - freeBytes;
  }

  public long usedInodes() {
    return inodes - freeInodes;
  }
}
