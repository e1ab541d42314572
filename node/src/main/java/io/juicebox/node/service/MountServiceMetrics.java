package io.juicebox.node.service;

import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountService;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** What only the mount service measures. */
final class MountServiceMetrics {
  private MountServiceMetrics() {}

  static void register(MeterRegistry registry, MountService mounts, BoundedCalls calls) {
    for (MountHealth.State state : MountHealth.State.values()) {
      Gauge.builder("juicebox.mountservice.mounts", () -> count(mounts, state))
          .description("Mounts by the state of their juicefs process")
          .tag("state", state.name().toLowerCase(Locale.ROOT))
          .strongReference(true)
          .register(registry);
    }
    Gauge.builder("juicebox.mountservice.filesystem.calls.hung", calls::hung)
        .description("Calls that a filesystem has not answered in time")
        .strongReference(true)
        .register(registry);
  }

  private static long count(MountService mounts, MountHealth.State state) {
    return mounts.health().values().stream().filter(health -> health.state() == state).count();
  }
}
