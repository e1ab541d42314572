package io.juicebox.controller.collector;

import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.ObjectStore.Stored;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Lineages.Relatives;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.controller.volume.Copying;
import io.juicebox.csi.volume.Lineage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Deletes what lies where the objects of a lineage's snapshots do and is none: a controller that
 * lost its claim may have written it. Those of a tombstone are for whoever removes that.
 */
record StraySnapshots(Lineages lineages, ObjectStore objects) {
  private static final int PAGE = 1_000;

  /**
   * Deletes those that there are.
   *
   * @param before younger ones stay
   */
  void delete(Lineage lineage, String bucket, Instant before) {
    String prefix = Copying.snapshotsPrefix(lineage);
    Optional<String> from = Optional.empty();
    do {
      List<Stored> page = objects.page(bucket, prefix, from, PAGE);
      if (page.isEmpty()) {
        return;
      }
      // After they were listed: each was one of a snapshot by now, if it ever will be.
      Optional<Relatives> relatives = lineages.relatives(lineage);
      if (relatives.isEmpty()) {
        return; // another time
      }
      Predicate<String> kept = kept(prefix, relatives.get().snapshots());
      List<String> strays =
          page.stream()
              .filter(stored -> stored.written().isBefore(before))
              .map(Stored::key)
              .filter(kept.negate())
              .toList();
      if (!strays.isEmpty()) {
        objects.deleteKeys(bucket, strays);
      }
      from = page.size() < PAGE ? Optional.empty() : Optional.of(page.getLast().key());
    } while (from.isPresent());
  }

  private static Predicate<String> kept(String prefix, List<SnapshotRecord> snapshots) {
    Set<String> living =
        snapshots.stream().flatMap(it -> it.object().stream()).collect(Collectors.toSet());
    Set<String> removed =
        snapshots.stream()
            .filter(it -> it.state() != State.READY)
            .map(it -> it.id().value())
            .collect(Collectors.toSet());
    return key ->
        living.contains(key) || removed.contains(key.substring(prefix.length()).split("/", 2)[0]);
  }
}
