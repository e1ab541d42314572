package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.VolumeRecord;
import java.time.Duration;

/** Gives each ready volume of a backend its turn, one after the other. For one thread. */
final class Pass implements Worker.Round {
  private static final Duration TURN = Duration.ofSeconds(5);

  private final Registry registry;
  private final CollectorMarks marks;
  private final VolumeTurn turn;
  private final Failures failures;
  private final CollectorMetrics metrics;

  Pass(
      Registry registry,
      CollectorMarks marks,
      VolumeTurn turn,
      Failures failures,
      CollectorMetrics metrics) {
    this.registry = registry;
    this.marks = marks;
    this.turn = turn;
    this.failures = failures;
    this.metrics = metrics;
  }

  @Override
  public Progress run(Claim claim) throws InterruptedException {
    long slices = 0;
    Progress progress = Progress.NOTHING_LEFT;
    for (VolumeRecord volume : (Iterable<VolumeRecord>) registry.all()::iterator) {
      if (!claim.isHeld()) {
        return Progress.NOTHING_LEFT; // another controller goes on
      }
      var left =
          failures
              .guard("volume " + volume.id(), () -> turn.run(Job.of(volume, claim, TURN)))
              .orElse(VolumeTurn.Left.NOTHING);
      slices += left.slices();
      progress = left.progress() == Progress.MORE ? Progress.MORE : progress;
    }
    marks.collected(claim);
    metrics.passed(slices);
    return progress;
  }

  @Override
  public void refused() {
    marks.sinceCollected().ifPresent(metrics::collectedBefore);
  }
}
