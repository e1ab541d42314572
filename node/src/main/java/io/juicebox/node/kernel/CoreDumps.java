package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Core dumps have the keys of volumes in them. */
public final class CoreDumps {
  /** RLIMIT_CORE of linux/resource.h. */
  private static final int CORE = 4;

  private static final MethodHandle SETRLIMIT = Native.handle("setrlimit", JAVA_INT, ADDRESS);

  private CoreDumps() {}

  /** From now on neither this process nor those that it starts leave any (setrlimit(2)). */
  public static void forbid() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment none = arena.allocate(JAVA_LONG, 2); // soft and hard limit, both 0
      int result = (int) SETRLIMIT.invokeExact(errno, CORE, none);
      Native.check(result, errno, "set the limit of core dumps of", "this process");
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
