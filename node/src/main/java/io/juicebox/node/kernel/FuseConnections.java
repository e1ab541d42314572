package io.juicebox.node.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel tells of FUSE mounts in {@code /sys/fs/fuse/connections}
 * (Documentation/filesystems/fuse.rst). It is only read: a connection's number is given again when
 * its mount has gone, and an abort by number might hit another's.
 */
public final class FuseConnections {
  static final Path DIRECTORY = Path.of("/sys/fs/fuse/connections");

  /**
   * How many requests of a mount wait for its process, or for their turn; empty where the kernel
   * does not tell.
   *
   * @param device of a mount that is there, see {@link MountInfo#device}
   */
  public Optional<Long> requests(String device) {
    String number = device.substring(device.indexOf(':') + 1);
    try {
      return Optional.of(
          Long.parseLong(Files.readString(DIRECTORY.resolve(number).resolve("waiting")).strip()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
