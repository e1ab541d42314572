package io.juicebox.test.table;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What came of one call.
 *
 * @param message of the status; empty for OK
 * @param answer present for OK
 */
public record Outcome<T>(Code code, String message, Duration took, Optional<T> answer) {
  /** A CO calls again after these. */
  private static final Set<Code> PASSING =
      Set.of(Code.UNAVAILABLE, Code.ABORTED, Code.DEADLINE_EXCEEDED, Code.CANCELLED);

  private static final Duration PAUSE = Duration.ofMillis(50);

  /** Makes the call. */
  public static <T> Outcome<T> of(Supplier<T> call) {
    var start = System.nanoTime();
    try {
      var answer = call.get();
      return new Outcome<>(Code.OK, "", since(start), Optional.of(answer));
    } catch (StatusRuntimeException e) {
      var message = String.valueOf(e.getStatus().getDescription());
      return new Outcome<>(e.getStatus().getCode(), message, since(start), Optional.empty());
    }
  }

  /**
   * Calls as a CO does: again while the code says that this helps, for a limited time. The outcome
   * is the last one; its time is that of all.
   */
  public static <T> Outcome<T> ofRepeated(Duration limit, Supplier<T> call) {
    var start = System.nanoTime();
    while (true) {
      var last = of(call);
      if (!PASSING.contains(last.code) || since(start).compareTo(limit) > 0) {
        return new Outcome<>(last.code, last.message, since(start), last.answer);
      }
      pause();
    }
  }

  /** The answer; fails when there is none. */
  public T get() {
    return answer.orElseThrow(() -> new AssertionError("the call failed: " + this));
  }

  public double seconds() {
    return took.toMillis() / 1000.0;
  }

  @Override
  public String toString() {
    return code + (message.isEmpty() ? "" : " (" + message + ")");
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
