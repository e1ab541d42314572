package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for many descriptors (poll(2)) and calls whoever has one that is readable:
 * a connection that brings something or has ended, a process that has ended. Callbacks are called
 * one after the other and must not block.
 */
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final short POLLIN = 1;
  private static final int ENTRY_BYTES = 8; // struct pollfd: int fd, short events, short revents
  private static final int FOR_EVER = -1;

  private final MethodHandle poll = Native.handle("poll", ADDRESS, JAVA_LONG, JAVA_INT);
  private final Descriptors descriptors;
  private final Descriptor wakeUp;
  private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** What is waited for, until it is cancelled. */
  public final class Registration implements AutoCloseable {
    private final Descriptor descriptor;
    private final Consumer<Registration> readable;

    private Registration(Descriptor descriptor, Consumer<Registration> readable) {
      this.descriptor = descriptor;
      this.readable = readable;
    }

    /** No call begins after this one has returned, unless it had begun before. */
    @Override
    public void close() {
      if (registrations.remove(this)) {
        wake();
      }
    }
  }

  public EventLoop(String name, Descriptors descriptors) {
    this.descriptors = descriptors;
    this.wakeUp = descriptors.event();
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /**
   * Calls whenever the descriptor is readable, with what ends that; whoever registers closes the
   * descriptor, afterwards.
   */
  @CanIgnoreReturnValue
  public Registration register(Descriptor descriptor, Consumer<Registration> readable) {
    var registration = new Registration(descriptor, readable);
    registrations.add(registration);
    wake();
    return registration;
  }

  @Override
  public void close() {
    closed = true;
    wake();
  }

  private void wake() {
    descriptors.wake(wakeUp);
  }

  private void run() {
    while (!closed) {
      List<Registration> waiting = List.copyOf(registrations);
      try {
        for (Registration ready : poll(waiting)) {
          if (registrations.contains(ready)) {
            ready.readable.accept(ready);
          }
        }
      } catch (RuntimeException e) {
        LOG.error("an event was not dealt with", e); // the next one may be
      }
    }
    wakeUp.close();
  }

  private List<Registration> poll(List<Registration> waiting) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entries = arena.allocate((waiting.size() + 1L) * ENTRY_BYTES, Long.BYTES);
      enter(entries, 0, wakeUp);
      for (int i = 0; i < waiting.size(); i++) {
        enter(entries, i + 1, waiting.get(i).descriptor);
      }
      MemorySegment errno = Native.errno(arena);
      int count = (int) poll.invokeExact(errno, entries, waiting.size() + 1L, FOR_EVER);
      if (count < 0 && !Native.read(errno).equals(Errno.EINTR)) {
        Native.check(count, errno, "poll", "");
      }
      if (isReady(entries, 0)) {
        descriptors.drain(wakeUp);
      }
      var ready = new ArrayList<Registration>();
      for (int i = 0; count > 0 && i < waiting.size(); i++) {
        if (isReady(entries, i + 1)) {
          ready.add(waiting.get(i));
        }
      }
      return ready;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /**
   * One that was closed without being cancelled counts for nothing: poll skips negative numbers.
   */
  private static void enter(MemorySegment entries, int index, Descriptor descriptor) {
    int fd = descriptor.use(number -> number).orElse(-1);
    entries.set(JAVA_INT, (long) index * ENTRY_BYTES, fd);
    entries.set(JAVA_SHORT, (long) index * ENTRY_BYTES + 4, POLLIN);
  }

  private static boolean isReady(MemorySegment entries, int index) {
    return entries.get(JAVA_SHORT, (long) index * ENTRY_BYTES + 6) != 0;
  }
}
