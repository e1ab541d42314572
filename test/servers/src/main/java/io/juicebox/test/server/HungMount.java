package io.juicebox.test.server;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A FUSE mount whose server never answers, not even INIT: every look at it hangs until it is
 * closed. Needs root. Touch it on platform threads only, which {@link #close} sets free.
 */
public final class HungMount implements AutoCloseable {
  private static final int O_RDWR = 2;
  private static final int MNT_DETACH = 2;

  private static final MethodHandle OPEN =
      handle("open", Linker.Option.firstVariadicArg(2), ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = handle("close", JAVA_INT);
  private static final MethodHandle MOUNT =
      handle("mount", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle UMOUNT2 = handle("umount2", ADDRESS, JAVA_INT);

  private final Path directory;
  private final int fuse;

  private HungMount(Path directory, int fuse) {
    this.directory = directory;
    this.fuse = fuse;
  }

  /**
   * Mounts over a directory that is there.
   *
   * @param type the filesystem type as the mount table shows it: {@code fuse.juicefs}
   * @param source the source as the mount table shows it
   */
  public static HungMount over(Path directory, String type, String source) {
    try (var arena = Arena.ofConfined()) {
      var fuse = (int) OPEN.invokeExact(arena.allocateFrom("/dev/fuse"), O_RDWR);
      check(fuse, "open /dev/fuse");
      var options = "fd=%d,rootmode=40000,user_id=0,group_id=0".formatted(fuse);
      var mounted =
          (int)
              MOUNT.invokeExact(
                  arena.allocateFrom(source),
                  arena.allocateFrom(directory.toString()),
                  arena.allocateFrom(type),
                  0L,
                  arena.allocateFrom(options));
      check(mounted, "mount " + directory);
      return new HungMount(directory, fuse);
    } catch (Throwable e) {
      throw new IllegalStateException("no hung mount can be made: it needs root and FUSE", e);
    }
  }

  /** Ends the connection and takes the mount away; may be gone already. */
  @Override
  public void close() {
    try (var arena = Arena.ofConfined()) {
      var _ = (int) UMOUNT2.invokeExact(arena.allocateFrom(directory.toString()), MNT_DETACH);
      var _ = (int) CLOSE.invokeExact(fuse);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(int result, String call) {
    if (result < 0) {
      throw new IllegalStateException(call + " failed");
    }
  }

  private static MethodHandle handle(String name, MemoryLayout... arguments) {
    return link(name, arguments);
  }

  private static MethodHandle handle(String name, Linker.Option option, MemoryLayout... arguments) {
    return link(name, arguments, option);
  }

  private static MethodHandle link(
      String name, MemoryLayout[] arguments, Linker.Option... options) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(JAVA_INT, arguments),
        options);
  }
}
