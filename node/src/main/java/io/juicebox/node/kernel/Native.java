package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** How the C library's functions are called: all of them here take the place for errno first. */
final class Native {
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private Native() {}

  /** A function that answers an int. */
  static MethodHandle handle(String name, MemoryLayout... arguments) {
    return link(name, JAVA_INT, arguments, Linker.Option.captureCallState("errno"));
  }

  /** A function whose arguments behind the first few may be of any number. */
  static MethodHandle variadic(String name, int fixed, MemoryLayout... arguments) {
    return variadic(name, JAVA_INT, fixed, arguments);
  }

  /** As the other, with an answer of another size. */
  static MethodHandle variadic(
      String name, ValueLayout answer, int fixed, MemoryLayout... arguments) {
    return link(
        name,
        answer,
        arguments,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }

  /** A function that answers a long. */
  static MethodHandle sized(String name, MemoryLayout... arguments) {
    return link(name, ValueLayout.JAVA_LONG, arguments, Linker.Option.captureCallState("errno"));
  }

  /** Room for errno. */
  static MemorySegment errno(Arena arena) {
    return arena.allocate(Linker.Option.captureStateLayout());
  }

  static Errno read(MemorySegment errno) {
    return new Errno((int) ERRNO.get(errno, 0L));
  }

  static void check(long result, MemorySegment errno, String call, Object what) {
    if (result < 0) {
      throw new KernelException(call, what.toString(), read(errno));
    }
  }

  static RuntimeException unexpected(Throwable e) {
    return switch (e) {
      case RuntimeException known -> known;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  private static MethodHandle link(
      String name, ValueLayout answer, MemoryLayout[] arguments, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol = linker.defaultLookup().findOrThrow(name);
    return linker.downcallHandle(symbol, FunctionDescriptor.of(answer, arguments), options);
  }
}
