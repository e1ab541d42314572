package io.juicebox.csi.volume;

/**
 * Owner and permissions that a new volume's root directory begins with.
 *
 * @param mode the permission bits, 0 to 07777
 */
public record RootDirectory(long uid, long gid, int mode) {
  /** The largest id; 2^32 - 1 means "leave it" to chown and is no id. */
  public static final long LARGEST_ID = 0xFFFF_FFFEL;

  public RootDirectory {
    if (uid < 0 || uid > LARGEST_ID || gid < 0 || gid > LARGEST_ID || mode < 0 || mode > 07777) {
      throw new IllegalArgumentException("uid %d, gid %d, mode %o".formatted(uid, gid, mode));
    }
  }
}
