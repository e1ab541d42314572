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

/** The metrics that both programs have. */
public final class Metrics implements CallLog.Calls {
  private static final String CALLS = "juicebox.csi.call";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** Where a program adds its own. */
  public MeterRegistry registry() {
    return registry;
  }

  PrometheusMeterRegistry prometheus() {
    return registry;
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
