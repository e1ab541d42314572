package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Slice;
import io.juicebox.csi.volume.BackendName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What is measured of the collection on one backend. */
final class CollectorMetrics {
  private static final String PREFIX = "juicebox.controller.collector.";
  private static final double NANOS = 1e9;

  private final Counter freed;
  private final Counter slices;
  private final Counter failures;
  private final AtomicLong backlog = new AtomicLong();

  /** When the last pass ended, as System.nanoTime counts. */
  private final AtomicReference<OptionalLong> collected =
      new AtomicReference<>(OptionalLong.empty());

  CollectorMetrics(MeterRegistry registry, BackendName backend) {
    this.freed =
        counter("freed", "Sizes of the blocks that were deleted, before compression", backend)
            .baseUnit("bytes")
            .register(registry);
    this.slices =
        counter("slices", "Dead slices whose blocks were deleted", backend).register(registry);
    this.failures =
        counter("failures", "How often a volume's space could not be given back", backend)
            .register(registry);
    Gauge.builder(PREFIX + "backlog", backlog, AtomicLong::get)
        .description("Dead slices that the last pass saw and had no time for")
        .tag("backend", backend.value())
        .register(registry);
    Gauge.builder(PREFIX + "pass.age", this, CollectorMetrics::age)
        .description("Time since all volumes were gone over, by whichever controller")
        .baseUnit("seconds")
        .tag("backend", backend.value())
        .register(registry);
  }

  private static Counter.Builder counter(String name, String description, BackendName backend) {
    return Counter.builder(PREFIX + name).description(description).tag("backend", backend.value());
  }

  /** NaN before the first pass. */
  private double age() {
    OptionalLong last = collected.get();
    return last.isPresent() ? (System.nanoTime() - last.getAsLong()) / NANOS : Double.NaN;
  }

  /** Dead slices and their blocks are gone. */
  void buried(List<Slice> dead) {
    slices.increment(dead.size());
    freed.increment((double) dead.stream().mapToLong(Slice::size).sum());
  }

  /** Blocks that nobody named are gone. */
  void swept(long bytes) {
    freed.increment((double) bytes);
  }

  /**
   * All volumes have had their turn.
   *
   * @param left dead slices that there was no time for
   */
  void passed(long left) {
    backlog.set(left);
    collectedBefore(Duration.ZERO);
  }

  /** All volumes had their turn so long ago. */
  void collectedBefore(Duration ago) {
    collected.set(OptionalLong.of(System.nanoTime() - ago.toNanos()));
  }

  /** Something could not be done. */
  void failed() {
    failures.increment();
  }
}
