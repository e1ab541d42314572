package io.juicebox.controller.collector;

import io.juicebox.csi.ops.Steps;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** Gives back the space of one backend's volumes, for the life of the process. */
public final class Collector {
  /** Due lineages are looked for at least so often. */
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Worker passes;
  private final Worker sweeps;

  /**
   * @param mostLineages how many lineages may have metrics
   */
  public Collector(
      CollectedBackend backend,
      CollectorSettings settings,
      int mostLineages,
      MeterRegistry meters,
      Steps steps) {
    var metrics = new CollectorMetrics(meters, backend.name());
    var deletion = new BlockDeletion(backend.objects(), settings.blocksPerSecond());
    var garbage = backend.garbage();
    var turn =
        new VolumeTurn(
            garbage,
            new Unmounted(garbage),
            new DeadSlices(garbage, backend.lineages(), deletion, metrics, steps));
    this.passes =
        new Worker(
            "collector-" + backend.name().value(),
            settings.interval(),
            backend.marks()::claimCollect,
            new Pass(backend.registry(), backend.marks(), turn, new Failures(metrics), metrics),
            metrics);
    this.sweeps =
        new Worker(
            "block-sweeper-" + backend.name().value(),
            Stream.of(LONGEST_PAUSE, settings.sweepInterval(), settings.blockMinAge())
                .min(Comparator.naturalOrder())
                .orElseThrow(),
            backend.marks()::claimSweepBlocks,
            new BlockSweep(
                backend,
                settings,
                new UnnamedSlices(backend, settings.blockMinAge(), UnnamedSlices.MOST, steps),
                new LineageMetrics(meters, backend.name(), mostLineages),
                metrics,
                steps),
            metrics);
  }

  /** Starts both, on virtual threads. */
  public void start() {
    passes.start();
    sweeps.start();
  }
}
