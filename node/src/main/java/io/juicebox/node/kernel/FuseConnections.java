package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel tells of FUSE mounts in {@code /sys/fs/fuse/connections}
 * (Documentation/filesystems/fuse.rst). It is only read: a connection's number is given again when
 * its mount has gone, and an abort by number might hit another's.
 */
public final class FuseConnections {
  private static final Path DIRECTORY = Path.of("/sys/fs/fuse/connections");

  private final MethodHandle mount =
      Native.handle("mount", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);

  /** Has the kernel show them, as systemd does; they may be shown already. The mount stays. */
  public void show() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment type = arena.allocateFrom("fusectl");
      MemorySegment target = arena.allocateFrom(DIRECTORY.toString());
      int result = (int) mount.invokeExact(errno, type, target, type, 0L, MemorySegment.NULL);
      if (result < 0 && !Native.read(errno).equals(Errno.EBUSY)) {
        throw new KernelException("mount", DIRECTORY.toString(), Native.read(errno));
      }
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

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
