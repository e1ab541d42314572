package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.table.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A call that a program has begun and that stands still at a step, until the program is killed or
 * the call is let go on.
 */
public final class HeldCall {
  private static final Duration UNTIL_HELD = Duration.ofSeconds(20);
  private static final Duration UNTIL_DONE = Duration.ofSeconds(90);
  private static final Duration UNTIL_TORN = Duration.ofSeconds(10);

  private final DriverProcess program;
  private final String step;
  private final CompletableFuture<Outcome<Message>> outcome;

  private HeldCall(
      DriverProcess program, String step, CompletableFuture<Outcome<Message>> outcome) {
    this.program = program;
    this.step = step;
    this.outcome = outcome;
  }

  /** Makes the call and returns when it stands still; fails when it does not come to the step. */
  public static HeldCall at(DriverProcess program, String step, Supplier<? extends Message> call) {
    program.hold(step);
    var outcome = new CompletableFuture<Outcome<Message>>();
    Thread.ofVirtual().name("held at " + step).start(() -> outcome.complete(Outcome.of(call::get)));
    var held = program.awaitHeld(step, UNTIL_HELD);
    assertThat(held)
        .as("the call comes to the step %s; it came to %s", step, outcome.getNow(pending()))
        .isTrue();
    return new HeldCall(program, step, outcome);
  }

  /** A kill outside a call does not count: fails when the call has ended already. */
  public void requireUnderWay() {
    assertThat(outcome)
        .as("the call at %s is under way: %s", step, outcome.getNow(pending()))
        .isNotDone();
  }

  /** The caller of a killed program sees that the connection broke. */
  public void requireTorn() {
    assertThat(await(UNTIL_TORN).code())
        .as("the code of the call that was killed at %s", step)
        .isEqualTo(Code.UNAVAILABLE);
  }

  /** Lets it go on, and all others of the program, and returns what came of it. */
  public Outcome<Message> goOn() {
    requireUnderWay();
    program.clearHolds();
    return await(UNTIL_DONE);
  }

  private Outcome<Message> await(Duration limit) {
    try {
      return outcome.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the call at %s has no outcome after %s".formatted(step, limit), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Outcome<Message> pending() {
    return new Outcome<>(Code.UNKNOWN, "pending", Duration.ZERO, Optional.empty());
  }
}
