package io.juicebox.node;

import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.mount.Mounts;
import io.juicebox.node.publish.UnusedMounts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** What only the node program measures; the durations of publish are among those of all calls. */
final class NodeMetrics {
  private NodeMetrics() {}

  static void register(
      MeterRegistry registry,
      Mounts mounts,
      UnusedMounts unused,
      HealthWatch health,
      BoundedCalls calls) {
    gauge(registry, "juicebox.node.mounts", "Volumes that are mounted", () -> mounts.list().size());
    gauge(
        registry,
        "juicebox.node.publications",
        "Targets at which volumes are published",
        unused::publications);
    gauge(
        registry, "juicebox.node.volumes.unhealthy", "Volumes that don't work", health::unhealthy);
    gauge(
        registry,
        "juicebox.node.filesystem.calls.hung",
        "Calls that a filesystem has not answered in time",
        calls::hung);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).strongReference(true).register(registry);
  }
}
