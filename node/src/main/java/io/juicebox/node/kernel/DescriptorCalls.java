package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Set;

/**
 * The system calls that find a directory and make a mount by descriptor, where a path could have
 * come to mean something else. They are Linux 5.6's and 5.12's; their numbers are the same on
 * x86-64 and AArch64.
 */
final class DescriptorCalls {
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long OPENAT2 = 437;
  private static final long MOUNT_SETATTR = 442;

  private static final long AT_FDCWD = -100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long OPEN_TREE_CLONE = 1;
  private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOVE_MOUNT_T_SYMLINKS = 0x10;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long MS_PRIVATE = 1 << 18;
  private static final long O_CLOEXEC = 0x80000;
  private static final long O_PATH = 0x200000;

  /** O_DIRECTORY is one of the few numbers that differ between the architectures. */
  private static final long O_DIRECTORY =
      System.getProperty("os.arch").equals("aarch64") ? 0x4000 : 0x10000;

  /** All of {@link MountFlag}, and the other ways to keep access times. */
  private static final long ALL_ATTRIBUTES = 0xf | 0x70;

  private static final String NO_PATH = "";

  /** A constant, since only the calls of such a one are compiled. */
  private static final MethodHandle SYSCALL =
      Native.variadic(
          "syscall", JAVA_LONG, 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG);

  /**
   * Asks the kernel for the youngest of the calls, in a form that changes nothing.
   *
   * @throws UnsupportedOperationException when it lacks it
   */
  DescriptorCalls() {
    try {
      call("ask for mount_setattr", Path.of("/"), MOUNT_SETATTR, AT_FDCWD, 0, 0, 0, 0);
    } catch (KernelException e) {
      if (e.errno().equals(Errno.ENOSYS)) {
        throw new UnsupportedOperationException(
            "Linux 5.12 or newer is needed, this is " + System.getProperty("os.version"), e);
      }
    }
  }

  /** Opens a directory with O_PATH: ELOOP where a symbolic link is on the way or at its end. */
  Directory open(Path path) {
    return open(AT_FDCWD, path);
  }

  /** Opens a directory in another one. */
  Directory open(Directory parent, Path name) {
    return open(parent.descriptor(), name);
  }

  private Directory open(long in, Path path) {
    try (Arena arena = Arena.ofConfined()) {
      // struct open_how: flags, mode, resolve.
      MemorySegment how =
          arena.allocateFrom(JAVA_LONG, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
      int descriptor =
          (int)
              call("open", path, OPENAT2, in, text(arena, path), how.address(), how.byteSize(), 0);
      return new Directory(descriptor, new Descriptor(descriptor)::close);
    }
  }

  /**
   * Binds a directory at another. The new mount has its flags before it has a place, since only so
   * do they reach the mount namespaces that share the place: a remount changes one's own copy.
   */
  void bind(Path source, Path target, Set<MountFlag> flags) {
    long wanted = flags.stream().mapToLong(flag -> flag.attribute).reduce(0, (a, b) -> a | b);
    try (Arena arena = Arena.ofConfined()) {
      long nothing = arena.allocateFrom(NO_PATH).address();
      long cloned =
          call(
              "bind",
              source,
              OPEN_TREE,
              AT_FDCWD,
              text(arena, source),
              OPEN_TREE_CLONE | O_CLOEXEC,
              0,
              0);
      try (var _ = new Descriptor((int) cloned)) {
        // struct mount_attr: set, clear, propagation, user namespace.
        // No peer of its source: what is mounted over one of them would be over all.
        MemorySegment attributes =
            arena.allocateFrom(JAVA_LONG, wanted, ALL_ATTRIBUTES, MS_PRIVATE, 0);
        call(
            "set mount flags",
            target,
            MOUNT_SETATTR,
            cloned,
            nothing,
            AT_EMPTY_PATH,
            attributes.address(),
            attributes.byteSize());
        call(
            "bind mount",
            target,
            MOVE_MOUNT,
            cloned,
            nothing,
            AT_FDCWD,
            text(arena, target),
            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
      }
    }
  }

  private static long text(Arena arena, Path path) {
    return arena.allocateFrom(path.toString()).address();
  }

  private long call(
      String what,
      Path path,
      long number,
      long first,
      long second,
      long third,
      long fourth,
      long fifth) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      long result = (long) SYSCALL.invokeExact(errno, number, first, second, third, fourth, fifth);
      Native.check(result, errno, what, path);
      return result;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
