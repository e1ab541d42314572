package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Condition;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Does for a filesystem that nobody has mounted what each mount does for all: ends sessions of
 * clients that died, empties the trash of what has been there for long enough, releases slices that
 * compactions replaced. For one thread.
 */
final class Unmounted {
  /**
   * How long a session must have been seen expired. Redis may have been away for longer than
   * sessions live: then clients that are well renew theirs when it is back, within 12 s.
   */
  private static final Duration GRACE = Duration.ofSeconds(45);

  /** How much longer than it must JuiceFS keeps things in the trash (doCleanupTrash). */
  private static final Duration EXTRA = Duration.ofHours(2);

  private final Garbage garbage;
  private final Duration grace;
  private final Map<VolumeId, Long> expiredSince = new HashMap<>();

  Unmounted(Garbage garbage) {
    this(garbage, GRACE);
  }

  Unmounted(Garbage garbage, Duration grace) {
    this.garbage = garbage;
    this.grace = grace;
  }

  /** Does as much as there is time for, and answers whether there is more to do. */
  Progress tidy(Job job, Condition condition) {
    if (condition.live() > 0) {
      expiredSince.remove(job.volume().id());
      return Progress.NOTHING_LEFT;
    }
    Progress sessions = sessions(job, condition);
    Progress trash = condition.trash() ? trash(job, condition) : Progress.NOTHING_LEFT;
    if (condition.delayed() > 0) {
      releaseDelayed(job, condition);
    }
    return sessions == Progress.MORE ? sessions : trash;
  }

  private Progress sessions(Job job, Condition condition) {
    VolumeId id = job.volume().id();
    if (condition.expired() == 0) {
      expiredSince.remove(id);
      return Progress.NOTHING_LEFT;
    }
    long since = expiredSince.computeIfAbsent(id, _ -> System.nanoTime());
    return System.nanoTime() - since < grace.toNanos()
        ? Progress.NOTHING_LEFT
        : repeat(job, () -> garbage.endSession(job.number(), job.uuid()));
  }

  private Progress trash(Job job, Condition condition) {
    Instant edge = keptFrom(condition).minus(EXTRA);
    return repeat(job, () -> garbage.emptyTrash(job.number(), job.uuid(), edge));
  }

  private void releaseDelayed(Job job, Condition condition) {
    Optional<String> from = Optional.empty();
    do {
      from = garbage.releaseDelayed(job.number(), job.uuid(), keptFrom(condition), from);
    } while (from.isPresent() && job.mayGoOn());
  }

  private static Instant keptFrom(Condition condition) {
    return Instant.now().minus(Duration.ofDays(condition.trashDays()));
  }

  private static Progress repeat(Job job, Supplier<Progress> step) {
    while (job.mayGoOn()) {
      if (step.get() == Progress.NOTHING_LEFT) {
        return Progress.NOTHING_LEFT;
      }
    }
    return Progress.MORE;
  }
}
