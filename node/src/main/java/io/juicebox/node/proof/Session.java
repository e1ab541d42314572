package io.juicebox.node.proof;

import java.nio.file.Path;

/**
 * A JuiceFS client of a volume that has not expired, as its {@code sessionInfos} tell.
 *
 * @param id JuiceFS's Sid
 * @param host the hostname that the client's process saw
 * @param pid in the pid namespace of that process
 * @param mountPoint where it is mounted, in the mount namespace of that process
 */
public record Session(long id, String host, long pid, String mountPoint) {

  /**
   * Whether it is of a juicefs process that a node of that host name started at its mount point for
   * the volume. Pids don't tell: the process may run, or have run, in another pid namespace.
   */
  public boolean isOf(String ownHost, Path ownMountPoint) {
    return host.equals(ownHost) && mountPoint.equals(ownMountPoint.toString());
  }
}
