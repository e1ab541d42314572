package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.Registry;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.BackendName;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** Gives back the space of one backend's volumes, for the life of the process. */
public final class Collector {
  /** Due volumes are looked for at least so often. */
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Worker passes;
  private final Worker sweeps;

  public Collector(
      BackendName backend,
      Registry registry,
      Garbage garbage,
      ObjectStore objects,
      CollectorSettings settings,
      MeterRegistry meters,
      Steps steps) {
    var metrics = new CollectorMetrics(meters, backend);
    var deletion = new BlockDeletion(objects, settings.blocksPerSecond());
    var turn =
        new VolumeTurn(
            garbage, new Unmounted(garbage), new DeadSlices(garbage, deletion, metrics, steps));
    this.passes =
        new Worker(
            "collector-" + backend.value(),
            settings.interval(),
            registry::claimCollect,
            new Pass(registry, turn, new Failures(metrics), metrics),
            metrics);
    this.sweeps =
        new Worker(
            "block-sweeper-" + backend.value(),
            LONGEST_PAUSE.compareTo(settings.sweepInterval()) < 0
                ? LONGEST_PAUSE
                : settings.sweepInterval(),
            registry::claimSweepBlocks,
            new BlockSweep(registry, garbage, objects, settings, metrics),
            metrics);
  }

  /** Starts both, on virtual threads. */
  public void start() {
    passes.start();
    sweeps.start();
  }
}
