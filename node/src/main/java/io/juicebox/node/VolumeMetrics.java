package io.juicebox.node;

import io.juicebox.csi.volume.PvcName;
import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.health.VolumeHealth;
import io.juicebox.node.kernel.FilesystemRoom;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.publish.UnusedMounts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What is measured of each volume that is mounted here, from the volume's mount to its unmount. The
 * labels are those of the kubelet's {@code kubelet_volume_stats_*}; the claim's are empty where it
 * is not known.
 *
 * <p>Health and room are those of the health watch's last look, at most a minute old: nothing here
 * touches a volume.
 */
final class VolumeMetrics {
  private final UnusedMounts mounts;
  private final HealthWatch health;
  private final MultiGauge healthy;
  private final MultiGauge publications;
  private final Map<MultiGauge, ToLongFunction<FilesystemRoom>> rooms = new LinkedHashMap<>();

  VolumeMetrics(MeterRegistry registry, UnusedMounts mounts, HealthWatch health) {
    this.mounts = mounts;
    this.health = health;
    this.healthy = gauge(registry, "healthy", "Whether a mounted volume works: 1, else 0", "");
    this.publications =
        gauge(registry, "publications", "Targets at which a volume is published", "");
    room(registry, "capacity", "Size of a volume", "bytes", FilesystemRoom::bytes);
    room(registry, "used", "Room in use", "bytes", FilesystemRoom::usedBytes);
    room(registry, "available", "Room for programs", "bytes", FilesystemRoom::availableBytes);
    room(registry, "inodes", "Files that a volume may have", "", FilesystemRoom::inodes);
    room(registry, "inodes.used", "Files in a volume", "", FilesystemRoom::usedInodes);
  }

  /** Has a row for what is mounted now, and none for what is not. */
  void refresh() {
    Map<Mount, Long> mounted = mounts.publicationsByMount();
    healthy.register(rows(mounted, (mount, _) -> Optional.of(isHealthy(mount) ? 1L : 0L)), true);
    publications.register(rows(mounted, (_, count) -> Optional.of(count)), true);
    rooms.forEach((gauge, value) ->
        gauge.register(rows(mounted, (mount, _) -> room(mount).map(value::applyAsLong)), true));
  }

  private boolean isHealthy(Mount mount) {
    return health.last(mount.volume()).map(VolumeHealth::healthy).orElse(true);
  }

  private Optional<FilesystemRoom> room(Mount mount) {
    return health.last(mount.volume()).flatMap(VolumeHealth::room);
  }

  /** What a mount shows in one gauge, if anything. */
  private interface Value {
    Optional<Long> of(Mount mount, Long publications);
  }

  private static List<Row<?>> rows(Map<Mount, Long> mounted, Value value) {
    var rows = new ArrayList<Row<?>>();
    mounted.forEach((mount, count) ->
        value.of(mount, count).ifPresent(number -> rows.add(Row.of(labels(mount), number))));
    return rows;
  }

  private static Tags labels(Mount mount) {
    return Tags.of(
        "volume_id",
        mount.volume().value(),
        "namespace",
        mount.pvc().map(PvcName::namespace).orElse(""),
        "persistentvolumeclaim",
        mount.pvc().map(PvcName::name).orElse(""));
  }

  private void room(
      MeterRegistry registry,
      String name,
      String description,
      String unit,
      ToLongFunction<FilesystemRoom> value) {
    rooms.put(gauge(registry, name, description + ", as of the last look", unit), value);
  }

  private static MultiGauge gauge(
      MeterRegistry registry, String name, String description, String unit) {
    var gauge = MultiGauge.builder("juicebox.node.volume." + name).description(description);
    return (unit.isEmpty() ? gauge : gauge.baseUnit(unit)).register(registry);
  }
}
