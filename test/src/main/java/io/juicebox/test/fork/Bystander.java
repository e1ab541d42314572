package io.juicebox.test.fork;

import io.juicebox.test.server.Waiting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Somebody else who does the same small thing over and over, a millisecond apart, and is timed. */
final class Bystander implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(1);

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final ConcurrentLinkedQueue<Operation> operations = new ConcurrentLinkedQueue<>();
  private volatile long begun;
  private volatile Optional<Exception> failure = Optional.empty();

  private record Operation(long begun, long ended) {}

  /** What it does. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** Starts it; it ends by itself when its work fails, and the next look at it says so. */
  static Bystander start(Work work) {
    var bystander = new Bystander();
    var _ =
        bystander.thread.scheduleWithFixedDelay(
            () -> bystander.run(work), 0, 1, TimeUnit.MILLISECONDS);
    return bystander;
  }

  private void run(Work work) {
    begun = System.nanoTime();
    try {
      work.run();
    } catch (Exception e) {
      failure = Optional.of(e);
      throw new IllegalStateException(e); // ends the schedule
    }
    operations.add(new Operation(begun, System.nanoTime()));
  }

  /**
   * Milliseconds that the longest operation took of those under way between two moments; what was
   * before is forgotten.
   */
  double longest(long from, long to) {
    if (!Waiting.until(() -> begun - to > 0, LIMIT, POLL)) {
      throw new AssertionError(
          "nothing was begun for " + LIMIT + " after that", failure.orElse(null));
    }
    operations.removeIf(it -> it.ended < from);
    return operations.stream()
            .filter(it -> it.begun <= to)
            .mapToLong(it -> it.ended - it.begun)
            .max()
            .orElse(0)
        / 1e6;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
