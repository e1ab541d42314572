package io.juicebox.node.kernel;

import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.VolumeId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where calls run that a FUSE server may leave without an answer: on platform threads, few, each
 * call with a limit.
 *
 * <p>One call of a volume runs at a time, others of that volume wait their turn within their own
 * limit: a hung volume holds one thread, however often it is asked about, and costs nobody else. A
 * call that is late stays on its thread until the kernel lets it go; till then its volume's calls
 * fail at once, and a directory that it opens then is closed. When hung calls hold all threads,
 * every call fails at once. Threads are daemons, so that none of them keeps the program from
 * ending.
 *
 * <p>A virtual thread blocked in such a call would hold its carrier: four of them stop a program on
 * two cores.
 */
public final class BoundedCalls implements AutoCloseable {
  private static final long SMALL_STACK = 256 << 10;

  private final int threads;
  private final Semaphore free;
  private final AtomicInteger hung = new AtomicInteger();
  private final ConcurrentHashMap<VolumeId, Turn> turns = new ConcurrentHashMap<>();
  private final ExecutorService pool =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("filesystem-", 0).stackSize(SMALL_STACK).factory());

  /**
   * @param threads how many volumes may hang before the calls of others are refused
   */
  public BoundedCalls(int threads) {
    this.threads = threads;
    this.free = new Semaphore(threads);
  }

  /**
   * Runs a call that touches a volume's mount and waits for it.
   *
   * @param what the step, as it is to stand in a message: {@code statfs}
   * @throws Late when it did not end within the limit, or can't begin because of calls that hang
   * @throws UncheckedIOException when the call threw an IOException; its own runtime exceptions
   *     come through as they are
   */
  public <T> T call(VolumeId volume, String what, Duration limit, Callable<T> call) {
    String step = what + " on the mount of volume " + volume;
    long end = System.nanoTime() + limit.toNanos();
    Turn turn = join(volume);
    Task<T> task;
    try {
      if (turn.late || hung.get() >= threads) {
        throw new Late(step + ", refused because an earlier call hangs,", limit);
      }
      if (!take(turn.mine, end)) {
        throw new Late(step, limit);
      }
      if (!take(free, end)) {
        turn.mine.release();
        throw new Late(step, limit);
      }
      task = new Task<>(volume, turn, call);
    } catch (RuntimeException e) {
      leave(volume);
      throw e;
    }
    pool.execute(task); // from here on the task gives everything back
    try {
      return result(task, end);
    } catch (TimeoutException e) {
      throw new Late(step, limit);
    }
  }

  /** How many calls are past their limit and still hold a thread. */
  public int hung() {
    return hung.get();
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }

  private static boolean take(Semaphore permits, long end) {
    try {
      return permits.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static <T> T result(Task<T> task, long end) throws TimeoutException {
    try {
      return task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      task.giveUp();
      throw e;
    } catch (InterruptedException e) {
      task.giveUp();
      Thread.currentThread().interrupt();
      throw new TimeoutException();
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case RuntimeException failure -> failure;
        case IOException failure -> new UncheckedIOException(failure);
        case Error error -> throw error;
        case null, default -> new IllegalStateException(e);
      };
    }
  }

  private Turn join(VolumeId volume) {
    return turns.compute(
        volume,
        (_, known) -> {
          Turn turn = known == null ? new Turn() : known;
          turn.users++;
          return turn;
        });
  }

  private void leave(VolumeId volume) {
    turns.computeIfPresent(volume, (_, turn) -> --turn.users == 0 ? null : turn);
  }

  /** A volume's place in the pool, there as long as a call of it waits or runs. */
  private static final class Turn {
    private final Semaphore mine = new Semaphore(1);
    private int users; // guarded by the map's compute
    private volatile boolean late;
  }

  private final class Task<T> extends FutureTask<T> {
    private final VolumeId volume;
    private final Turn turn;
    private boolean ended; // guarded by the turn

    Task(VolumeId volume, Turn turn, Callable<T> call) {
      super(call);
      this.volume = volume;
      this.turn = turn;
    }

    /** The caller waits no longer. */
    void giveUp() {
      synchronized (turn) {
        if (!ended) {
          turn.late = true;
          hung.incrementAndGet();
          return;
        }
      }
      discard();
    }

    /** Nobody waits for what it opened. */
    private void discard() {
      if (state() == State.SUCCESS && resultNow() instanceof Directory opened) {
        opened.close();
      }
    }

    @Override
    public void run() {
      try {
        super.run();
      } finally {
        synchronized (turn) {
          ended = true;
          if (turn.late) {
            turn.late = false;
            hung.decrementAndGet();
            discard();
          }
        }
        free.release();
        turn.mine.release();
        leave(volume);
      }
    }
  }
}
