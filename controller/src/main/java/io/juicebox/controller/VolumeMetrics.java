package io.juicebox.controller;

import io.juicebox.controller.volume.Census;
import io.juicebox.controller.volume.FailureReports;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * What is measured of each volume, with the labels that the node's metrics have: capacities of the
 * census, and failures of those thousand that failed last.
 */
final class VolumeMetrics implements FailureReports {
  static final int MOST_FAILING = 1_000;

  private final MeterRegistry registry;
  private final Supplier<Map<VolumeId, Census.Resident>> census;
  private final MultiGauge capacity;
  private final SequencedMap<Tags, Counter> failures = new LinkedHashMap<>(16, 0.75f, true);

  VolumeMetrics(MeterRegistry registry, Supplier<Map<VolumeId, Census.Resident>> census) {
    this.registry = registry;
    this.census = census;
    this.capacity =
        MultiGauge.builder("juicebox.controller.volume.capacity")
            .description("Size of a volume, as of the last look")
            .baseUnit("bytes")
            .register(registry);
  }

  /** Has a row for what the census knows, and none for what it doesn't. */
  void refresh() {
    var rows = new ArrayList<Row<?>>();
    census
        .get()
        .forEach((volume, it) ->
            rows.add(Row.of(labels(volume.value(), it.pvc()), it.capacity().bytes())));
    capacity.register(rows, true);
  }

  @Override
  public void creationFailed(String name, PvcName pvc, String why) {
    failed("CreateVolume", "", Optional.of(pvc));
  }

  @Override
  public void expansionFailed(VolumeId volume, String why) {
    var known = Optional.ofNullable(census.get().get(volume));
    failed("ControllerExpandVolume", volume.value(), known.flatMap(Census.Resident::pvc));
  }

  private synchronized void failed(String method, String volume, Optional<PvcName> pvc) {
    Tags tags = labels(volume, pvc).and("method", method);
    failures.computeIfAbsent(tags, this::counter).increment();
    if (failures.size() > MOST_FAILING) {
      registry.remove(failures.pollFirstEntry().getValue());
    }
  }

  private Counter counter(Tags tags) {
    return Counter.builder("juicebox.controller.volume.failures")
        .description("How often a volume could not be created or expanded")
        .tags(tags)
        .register(registry);
  }

  private static Tags labels(String volume, Optional<PvcName> pvc) {
    return Tags.of(
        "volume_id",
        volume,
        "namespace",
        pvc.map(PvcName::namespace).orElse(""),
        "persistentvolumeclaim",
        pvc.map(PvcName::name).orElse(""));
  }
}
