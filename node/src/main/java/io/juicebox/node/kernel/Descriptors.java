package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Descriptors that Java does not offer: of processes, of what other processes have open, and
 * FUSE's. All are closed when another program is executed.
 */
public final class Descriptors {
  private static final long PIDFD_SEND_SIGNAL = 424; // the same on x86-64 and AArch64
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;
  private static final int EVENTFD_FLAGS = 0x80000 | 0x800; // EFD_CLOEXEC, EFD_NONBLOCK
  private static final int O_CLOEXEC = 0x80000;
  private static final int POLLERR = 8;
  private static final String FUSE_DEVICE = "/dev/fuse";

  /** linux/fuse.h, struct fuse_out_header: length, FUSE_NOTIFY_RESEND (since 6.9), no request. */
  private static final int NOTIFICATION_BYTES = 16;

  private static final int FUSE_NOTIFY_RESEND = 7;

  private final MethodHandle syscall =
      Native.variadic(
          "syscall", JAVA_LONG, 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private final MethodHandle eventfd = Native.handle("eventfd", JAVA_INT, JAVA_INT);
  private final MethodHandle open = Native.variadic("open", 2, ADDRESS, JAVA_INT);
  private final MethodHandle poll = Native.handle("poll", ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle write = Native.sized("write", JAVA_INT, ADDRESS, JAVA_LONG);
  private final MethodHandle read = Native.sized("read", JAVA_INT, ADDRESS, JAVA_LONG);

  /** A descriptor that becomes readable when a process has ended; ESRCH when it is gone. */
  public Descriptor process(long pid) {
    return new Descriptor((int) call(PIDFD_OPEN, pid, 0, 0, "open process " + pid));
  }

  /** Sends a signal to the very process; ESRCH when it has ended. */
  public void signal(Descriptor process, int signal) {
    var _ = process.use(fd -> call(PIDFD_SEND_SIGNAL, fd, signal, 0, "signal"));
  }

  /**
   * A copy of a process's descriptor of the FUSE device; empty when it has none. JuiceFS has one.
   *
   * @param process see {@link #process}: the very process, whoever gets its pid later
   */
  public Optional<Descriptor> fuseDeviceOf(Descriptor process, long pid) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc", pid + "", "fd"))) {
      for (Path file : open) {
        if (Files.readSymbolicLink(file).toString().equals(FUSE_DEVICE)) {
          long number = Long.parseLong(file.getFileName().toString());
          return process.use(
              it -> new Descriptor((int) call(PIDFD_GETFD, it, number, 0, "take from " + pid)));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A descriptor that is readable once {@link #wake} was called on it. */
  Descriptor event() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      int fd = (int) eventfd.invokeExact(errno, 0, EVENTFD_FLAGS);
      Native.check(fd, errno, "eventfd", "");
      return new Descriptor(fd);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  void wake(Descriptor event) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
      var _ = event.use(fd -> write(arena, fd, one));
    }
  }

  void drain(Descriptor event) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      var _ =
          event.use(fd -> {
            try {
              return (long) read.invokeExact(Native.errno(arena), fd, count, (long) Long.BYTES);
            } catch (Throwable e) {
              throw Native.unexpected(e);
            }
          });
    }
  }

  /** A file that nothing is read from. */
  public Descriptor nothing() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      int fd = (int) open.invokeExact(errno, arena.allocateFrom("/dev/null"), O_CLOEXEC);
      Native.check(fd, errno, "open", "/dev/null");
      return new Descriptor(fd);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /**
   * Has the kernel ask again whatever the last reader of a FUSE device has taken and not answered.
   *
   * @return whether the kernel did it; those before 6.9 don't know how
   */
  public boolean resend(Descriptor fuse) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment notification = arena.allocate(NOTIFICATION_BYTES, Long.BYTES);
      notification.set(JAVA_INT, 0, NOTIFICATION_BYTES);
      notification.set(JAVA_INT, Integer.BYTES, FUSE_NOTIFY_RESEND);
      return fuse.use(fd -> write(arena, fd, notification)).filter(sent -> sent > 0).isPresent();
    }
  }

  /**
   * Whether the mount of a FUSE device is there: else the kernel tells of an error, fuse_dev_poll.
   */
  public boolean isConnected(Descriptor fuse) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entry = arena.allocate(JAVA_LONG); // struct pollfd
      return fuse.use(
              fd -> {
                entry.set(JAVA_INT, 0, fd);
                try {
                  int _ = (int) poll.invokeExact(Native.errno(arena), entry, 1L, 0);
                } catch (Throwable e) {
                  throw Native.unexpected(e);
                }
                return (entry.get(JAVA_SHORT, 6) & POLLERR) == 0;
              })
          .orElse(false);
    }
  }

  private long write(Arena arena, int fd, MemorySegment bytes) {
    try {
      return (long) write.invokeExact(Native.errno(arena), fd, bytes, bytes.byteSize());
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private long call(long number, long first, long second, long third, String what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      long result = (long) syscall.invokeExact(errno, number, first, second, third, 0L);
      Native.check(result, errno, what, "");
      return result;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
