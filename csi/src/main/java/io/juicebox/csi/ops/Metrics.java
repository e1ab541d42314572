package io.juicebox.csi.ops;

import io.grpc.Status;
import io.juicebox.csi.log.CallLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/** The metrics that both programs have. */
public final class Metrics implements CallLog.Calls {
  private static final String CALLS = "juicebox.csi.call";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<Runnable> beforeScrape = new CopyOnWriteArrayList<>();
  private final ReentrantLock scraping = new ReentrantLock();

  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** Where a program adds its own. */
  public MeterRegistry registry() {
    return registry;
  }

  /** Does something before each answer to Prometheus, such as to see what there is to measure. */
  public void beforeScrape(Runnable work) {
    beforeScrape.add(work);
  }

  /** All metrics as they are now, in Prometheus's text format. */
  String scrape() {
    scraping.lock(); // what one prepares the other would show half
    try {
      beforeScrape.forEach(Runnable::run);
      return registry.scrape();
    } finally {
      scraping.unlock();
    }
  }

  @Override
  public void ended(String method, Status.Code code, Duration duration) {
    Timer.builder(CALLS)
        .description("CSI calls by method and gRPC code")
        .tag("method", method)
        .tag("code", code.name())
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30))
        .register(registry)
        .record(duration);
  }
}
