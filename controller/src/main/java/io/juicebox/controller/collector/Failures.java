package io.juicebox.controller.collector;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.volume.VolumeId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the failure at one volume from the others: it is counted, and told once until the volume is
 * well again; a backend that is away is told once for all. For one thread.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private final CollectorMetrics metrics;
  private final Set<VolumeId> failing = new HashSet<>();
  private boolean away;

  /** Work for one volume. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  Failures(CollectorMetrics metrics) {
    this.metrics = metrics;
  }

  /** What the work answers; empty when it failed. */
  <T> Optional<T> guard(VolumeId volume, Work<T> work) throws InterruptedException {
    try {
      T answer = work.run();
      if (failing.remove(volume)) {
        away = false;
      }
      return Optional.of(answer);
    } catch (RuntimeException e) {
      metrics.failed();
      if (failing.add(volume)) {
        tell(volume, e);
      }
      return Optional.empty();
    }
  }

  private void tell(VolumeId volume, RuntimeException failure) {
    switch (failure) {
      case BackendUnavailable gone when away ->
          LOG.debug("space of volume {} comes back later: {}", volume, gone.getMessage());
      case BackendUnavailable gone -> {
        away = true;
        LOG.warn("space comes back later: {}", gone.getMessage());
      }
      case DriverException known ->
          LOG.warn("space of volume {} could not be given back: {}", volume, known.getMessage());
      default -> LOG.error("giving back space of volume {} failed", volume, failure);
    }
  }
}
