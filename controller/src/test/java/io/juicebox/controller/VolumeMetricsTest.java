package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.volume.Census.Resident;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VolumeMetricsTest {
  private static final String CAPACITY = "juicebox.controller.volume.capacity";
  private static final String FAILURES = "juicebox.controller.volume.failures";
  private static final PvcName PVC = new PvcName("team-a", "data");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Map<VolumeId, Resident> volumes = new HashMap<>();
  private final VolumeMetrics metrics = new VolumeMetrics(registry, () -> volumes);
  private final VolumeId volume = VolumeId.random(new BackendName("default"));

  @Test
  void aVolumesSizeIsThereAsLongAsTheVolume() {
    volumes.put(volume, new Resident(new Capacity(1L << 30), Optional.of(PVC)));
    metrics.refresh();
    assertThat(
            registry
                .get(CAPACITY)
                .tag("volume_id", volume.value())
                .tag("namespace", "team-a")
                .tag("persistentvolumeclaim", "data")
                .gauge()
                .value())
        .isEqualTo(1L << 30);
    volumes.clear();
    metrics.refresh();
    assertThat(registry.find(CAPACITY).gauges()).isEmpty();
  }

  @Test
  void failuresAreCountedByClaim() {
    volumes.put(volume, new Resident(new Capacity(1L << 30), Optional.of(PVC)));
    metrics.creationFailed("pvc-1", PVC, "one reason");
    metrics.creationFailed("pvc-1", PVC, "another one");
    metrics.expansionFailed(volume, "why");
    assertThat(
            registry
                .get(FAILURES)
                .tag("method", "CreateVolume")
                .tag("persistentvolumeclaim", "data")
                .counter()
                .count())
        .isEqualTo(2);
    assertThat(
            registry
                .get(FAILURES)
                .tag("method", "ControllerExpandVolume")
                .tag("volume_id", volume.value())
                .tag("persistentvolumeclaim", "data")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void onlyThoseThatFailedLastAreKept() {
    for (int i = 0; i < VolumeMetrics.MOST_FAILING + 100; i++) {
      metrics.creationFailed("pvc", new PvcName("team-a", "data-" + i), "why");
      metrics.creationFailed("pvc", PVC, "why");
    }
    assertThat(registry.find(FAILURES).counters()).hasSize(VolumeMetrics.MOST_FAILING);
    assertThat(registry.find(FAILURES).tag("persistentvolumeclaim", "data-0").counters()).isEmpty();
    assertThat(registry.get(FAILURES).tag("persistentvolumeclaim", "data").counter().count())
        .isEqualTo(VolumeMetrics.MOST_FAILING + 100);
  }
}
