package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/**
 * A file descriptor of this process. It is closed once, whoever closes it how often: the kernel
 * gives the number again at once, so that a second close, or a use afterwards, would hit somebody
 * else's.
 */
public final class Descriptor implements AutoCloseable {
  private static final MethodHandle CLOSE = Native.handle("close", JAVA_INT);

  private final ReentrantLock lock = new ReentrantLock();
  private final int number;
  private boolean closed; // guarded by the lock

  Descriptor(int number) {
    this.number = number;
  }

  /**
   * Does something with the number, which stays open meanwhile; it must not block.
   *
   * @return empty when it is closed
   */
  <T> Optional<T> use(IntFunction<T> work) {
    lock.lock();
    try {
      return closed ? Optional.empty() : Optional.of(work.apply(number));
    } finally {
      lock.unlock();
    }
  }

  public boolean isOpen() {
    return use(_ -> true).orElse(false);
  }

  @Override
  public void close() {
    lock.lock();
    try (Arena arena = Arena.ofConfined()) {
      if (!closed) {
        closed = true;
        MemorySegment errno = Native.errno(arena);
        // Nothing that was written here can be lost by a close that fails.
        int _ = (int) CLOSE.invokeExact(errno, number);
      }
    } catch (Throwable e) {
      throw Native.unexpected(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "descriptor " + number;
  }
}
