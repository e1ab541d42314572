package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Admission;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.Intent;
import io.juicebox.controller.registry.IntentOutcome;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Claims on volumes for calls that can wait a little: another call on the same volume mostly ends
 * soon. One that does not is answered with {@link OperationPending}, and the CO comes again.
 */
final class Claims {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

  private Claims() {}

  /** Never {@link IntentOutcome.Held}. */
  static IntentOutcome intend(
      Registry registry, Intent intent, Admission admission, Deadline deadline) {
    return patiently(
        () -> registry.intend(intent, admission),
        outcome -> outcome instanceof IntentOutcome.Held,
        intent.name(),
        deadline);
  }

  /** Never {@link ClaimOutcome.Held}. */
  static ClaimOutcome claim(Registry registry, VolumeId id, Deadline deadline) {
    return patiently(
        () -> registry.claim(id),
        outcome -> outcome instanceof ClaimOutcome.Held,
        id.value(),
        deadline);
  }

  /** The claim on a snapshot, whether or not it is there. */
  static Claim claimSnapshot(Snapshots snapshots, VolumeId id, Deadline deadline) {
    return patiently(() -> snapshots.claim(id), Optional::isEmpty, id.value(), deadline)
        .orElseThrow();
  }

  /** What an attempt answers that is not refused because of another call. */
  static <T> T patiently(Supplier<T> attempt, Predicate<T> held, String volume, Deadline deadline) {
    Deadline end = deadline.atMost(PATIENCE);
    Duration pause = FIRST_PAUSE;
    while (true) {
      T outcome = attempt.get();
      if (!held.test(outcome)) {
        return outcome;
      }
      if (end.left().compareTo(pause) < 0) {
        throw new OperationPending(volume);
      }
      sleep(pause, volume);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private static void sleep(Duration pause, String volume) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OperationPending(volume);
    }
  }
}
