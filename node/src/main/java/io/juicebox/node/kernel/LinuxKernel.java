package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The system calls, through the C library that is loaded anyway.
 *
 * <p>Linux on 64-bit machines only (x86-64, AArch64): the layouts of {@code struct statfs} and the
 * ioctl numbers are theirs. Making the handles costs about 60 ms, so make one object, at start.
 */
public final class LinuxKernel implements Kernel {
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final int O_DIRECTORY_NOFOLLOW_CLOEXEC = directoryFlags();
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int FS_IMMUTABLE_FL = 0x10;
  private static final int CLONE_NEWUTS = 0x04000000;
  private static final long STATFS_BYTES = 120;
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

  private final DescriptorCalls calls = new DescriptorCalls();
  private final MethodHandle mount =
      Native.handle("mount", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private final MethodHandle umount2 = Native.handle("umount2", ADDRESS, JAVA_INT);
  private final MethodHandle statfs = Native.handle("statfs", ADDRESS, ADDRESS);
  private final MethodHandle open = Native.variadic("open", 2, ADDRESS, JAVA_INT);
  private final MethodHandle ioctl = Native.variadic("ioctl", 2, JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle unshare = Native.handle("unshare", JAVA_INT);
  private final MethodHandle sethostname = Native.handle("sethostname", ADDRESS, JAVA_LONG);

  @Override
  public Directory open(Path directory) {
    return calls.open(directory);
  }

  @Override
  public Directory open(Directory parent, Path name) {
    return calls.open(parent, name);
  }

  @Override
  public void bind(Path source, Path target, Set<MountFlag> flags) {
    calls.bind(source, target, flags);
  }

  @Override
  public void unmount(Path target) {
    umount(target, UMOUNT_NOFOLLOW);
  }

  @Override
  public void detach(Path target) {
    umount(target, UMOUNT_NOFOLLOW | MNT_DETACH);
  }

  @Override
  public void detach(Directory root) {
    umount(root.path(), MNT_DETACH); // this link leads to the very directory
  }

  @Override
  public FilesystemRoom statfs(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(STATFS_BYTES, Long.BYTES);
      MemorySegment errno = Native.errno(arena);
      int result = (int) statfs.invokeExact(errno, text(arena, path), room);
      Native.check(result, errno, "statfs", path);
      // f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree: eight bytes each.
      long unit = room.getAtIndex(JAVA_LONG, 1);
      return new FilesystemRoom(
          room.getAtIndex(JAVA_LONG, 2) * unit,
          room.getAtIndex(JAVA_LONG, 3) * unit,
          room.getAtIndex(JAVA_LONG, 4) * unit,
          room.getAtIndex(JAVA_LONG, 5),
          room.getAtIndex(JAVA_LONG, 6));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  @Override
  public void setImmutable(Path directory) {
    changeFlags(directory, FS_IMMUTABLE_FL, 0);
  }

  @Override
  public void clearImmutable(Path directory) {
    changeFlags(directory, 0, FS_IMMUTABLE_FL);
  }

  @Override
  public void nameOwnHost(String hostname) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      int result = (int) unshare.invokeExact(errno, CLONE_NEWUTS);
      Native.check(result, errno, "unshare UTS", hostname);
      byte[] name = hostname.getBytes(StandardCharsets.UTF_8);
      MemorySegment text = arena.allocateFrom(hostname);
      result = (int) sethostname.invokeExact(errno, text, (long) name.length);
      Native.check(result, errno, "sethostname", hostname);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  @Override
  public MountTable mounts() {
    try {
      // Bytes that are no UTF-8 in another program's path must not fail the whole table.
      return new MountTable(new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has the kernel show {@link FuseConnections}, as systemd does; it may do so already. */
  public void showFuseConnections() {
    try {
      mount("fusectl", FuseConnections.DIRECTORY);
    } catch (KernelException e) {
      if (!e.errno().equals(Errno.EBUSY)) {
        throw e;
      }
    }
  }

  private void mount(String type, Path target) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment name = arena.allocateFrom(type);
      int result =
          (int) mount.invokeExact(errno, name, text(arena, target), name, 0L, MemorySegment.NULL);
      Native.check(result, errno, "mount", target);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private void umount(Path target, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      int result = (int) umount2.invokeExact(errno, text(arena, target), flags);
      Native.check(result, errno, "unmount", target);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private void changeFlags(Path directory, int on, int off) {
    int fd = openToChange(directory);
    try (var _ = new Descriptor(fd);
        Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment flags = arena.allocate(JAVA_LONG);
      int result = (int) ioctl.invokeExact(errno, fd, FS_IOC_GETFLAGS, flags);
      Native.check(result, errno, "get flags", directory);
      int before = flags.get(JAVA_INT, 0);
      int after = (before & ~off) | on;
      if (after != before) {
        flags.set(JAVA_INT, 0, after);
        result = (int) ioctl.invokeExact(errno, fd, FS_IOC_SETFLAGS, flags);
        Native.check(result, errno, "set flags", directory);
      }
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private int openToChange(Path directory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment path = text(arena, directory);
      int fd = (int) open.invokeExact(errno, path, O_DIRECTORY_NOFOLLOW_CLOEXEC);
      Native.check(fd, errno, "open", directory);
      return fd;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static MemorySegment text(Arena arena, Path path) {
    return arena.allocateFrom(path.toString());
  }

  private static int directoryFlags() {
    // O_DIRECTORY and O_NOFOLLOW are two of the few numbers that differ between the architectures.
    int directoryAndNoFollow =
        System.getProperty("os.arch").equals("aarch64") ? 0x4000 | 0x8000 : 0x10000 | 0x20000;
    int closeOnExec = 0x80000;
    return directoryAndNoFollow | closeOnExec;
  }
}
