package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.registry.Claim;
import io.juicebox.csi.status.DriverException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the same again and again for the life of the process, on a virtual thread, each time with a
 * right that only one controller has.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** When to ask again for a right that another controller has, or had when it died. */
  private static final Duration SOON = Duration.ofSeconds(2);

  /** What it does. */
  interface Round {
    /** Once; the next time comes at once when there is more to do. */
    Progress run(Claim claim) throws InterruptedException;

    /** Another controller is at it. */
    void refused();
  }

  private final String name;
  private final Duration interval;
  private final Supplier<Optional<Claim>> right;
  private final Round round;
  private final CollectorMetrics metrics;

  Worker(
      String name,
      Duration interval,
      Supplier<Optional<Claim>> right,
      Round round,
      CollectorMetrics metrics) {
    this.name = name;
    this.interval = interval;
    this.right = right;
    this.round = round;
    this.metrics = metrics;
  }

  void start() {
    Thread.ofVirtual().name(name).start(this::run);
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(onceOrLog());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The pause until the next round. */
  private Duration onceOrLog() throws InterruptedException {
    try {
      return once();
    } catch (DriverException e) {
      LOG.warn("{} had to stop: {}", name, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("{} failed", name, e);
    }
    metrics.failed();
    return interval;
  }

  private Duration once() throws InterruptedException {
    var claim = right.get();
    if (claim.isEmpty()) {
      round.refused();
      return SOON.compareTo(interval) < 0 ? SOON : interval;
    }
    try (var held = claim.get()) {
      return round.run(held) == Progress.MORE ? Duration.ZERO : interval;
    }
  }
}
