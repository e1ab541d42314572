package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.VolumeRecord;
import java.time.Duration;
import java.util.List;

/** Gives each ready volume of a backend its turn, one after the other. For one thread. */
final class Pass implements Worker.Round {
  private static final int PAGE = 100;
  private static final Duration TURN = Duration.ofSeconds(5);

  private final Registry registry;
  private final VolumeTurn turn;
  private final Failures failures;
  private final CollectorMetrics metrics;

  Pass(Registry registry, VolumeTurn turn, Failures failures, CollectorMetrics metrics) {
    this.registry = registry;
    this.turn = turn;
    this.failures = failures;
    this.metrics = metrics;
  }

  @Override
  public Progress run(Claim claim) throws InterruptedException {
    long slices = 0;
    Progress progress = Progress.NOTHING_LEFT;
    List<VolumeRecord> page = registry.first(PAGE);
    while (!page.isEmpty()) {
      for (VolumeRecord volume : page) {
        if (!claim.isHeld()) {
          return Progress.NOTHING_LEFT; // another controller goes on
        }
        var left =
            failures
                .guard(volume.id(), () -> turn.run(Job.of(volume, claim, TURN)))
                .orElse(VolumeTurn.Left.NOTHING);
        slices += left.slices();
        progress = left.progress() == Progress.MORE ? Progress.MORE : progress;
      }
      page = registry.after(page.getLast().id(), PAGE);
    }
    registry.collected(claim);
    metrics.passed(slices);
    return progress;
  }

  @Override
  public void refused() {
    registry.sinceCollected().ifPresent(metrics::collectedBefore);
  }
}
