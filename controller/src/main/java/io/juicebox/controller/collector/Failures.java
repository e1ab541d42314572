package io.juicebox.controller.collector;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the failure at one volume or lineage from the others: it is counted, and told once until
 * that is well again; a backend that is away is told once for all. For one thread.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private final CollectorMetrics metrics;
  private final Set<String> failing = new HashSet<>();
  private boolean away;

  /** Work for one of them. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  Failures(CollectorMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * What the work answers; empty when it failed.
   *
   * @param whose {@code volume <id>} or {@code lineage <name>}
   */
  <T> Optional<T> guard(String whose, Work<T> work) throws InterruptedException {
    try {
      T answer = work.run();
      if (failing.remove(whose)) {
        away = false;
      }
      return Optional.of(answer);
    } catch (RuntimeException e) {
      metrics.failed();
      if (failing.add(whose)) {
        tell(whose, e);
      }
      return Optional.empty();
    }
  }

  private void tell(String whose, RuntimeException failure) {
    switch (failure) {
      case BackendUnavailable gone when away ->
          LOG.debug("space of {} comes back later: {}", whose, gone.getMessage());
      case BackendUnavailable gone -> {
        away = true;
        LOG.warn("space comes back later: {}", gone.getMessage());
      }
      case DriverException known ->
          LOG.warn("space of {} could not be given back: {}", whose, known.getMessage());
      default -> LOG.error("giving back space of {} failed", whose, failure);
    }
  }
}
