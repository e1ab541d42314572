package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.mount.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Gives the root directory of a mounted volume to a group: the group may do everything there, and
 * what is made in it belongs to the group, too. Nothing below is looked at, however large the
 * volume is.
 */
public final class RootGroup {
  /** Set-group-ID, and all rights for the group. */
  private static final int BITS = 02070;

  private static final int PERMISSIONS = 07777;
  private static final long ROOT_INODE = 1;

  private final BoundedCalls calls;
  private final Duration limit;

  /**
   * @param limit for the filesystem to answer
   */
  public RootGroup(BoundedCalls calls, Duration limit) {
    this.calls = calls;
    this.limit = limit;
  }

  /**
   * Changes what differs; a directory that is as it should be keeps its ctime.
   *
   * @throws DriverException.Late when the filesystem does not answer in time
   */
  void give(Mount mount, MountGroup group) {
    try {
      calls.call(
          mount.volume(),
          "giving the root to a group",
          limit,
          () -> {
            change(mount.directory(), group);
            return group;
          });
    } catch (UncheckedIOException e) {
      throw new DriverException.Failed(
          "can't give the root of volume %s to group %s: %s"
              .formatted(mount.volume(), group, e.getCause()),
          e);
    }
  }

  private static void change(Path root, MountGroup group) throws IOException {
    Map<String, Object> is = Files.readAttributes(root, "unix:ino,gid,mode");
    if (number(is, "ino") != ROOT_INODE) {
      throw new IOException("its mount went away, call again"); // the placeholder beneath
    }
    int gid = (int) group.gid(); // Java keeps the kernel's 32 bits without a sign in an int
    if (number(is, "gid") != gid) {
      Files.setAttribute(root, "unix:gid", gid);
    }
    int mode = (int) number(is, "mode") & PERMISSIONS;
    if ((mode & BITS) != BITS) {
      Files.setAttribute(root, "unix:mode", mode | BITS);
    }
  }

  private static long number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name))).longValue();
  }
}
