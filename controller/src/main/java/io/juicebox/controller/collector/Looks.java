package io.juicebox.controller.collector;

import io.juicebox.controller.registry.Lineages.Relatives;
import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Which relatives some slices were looked for in: volumes twice, see {@link Names}, and snapshots,
 * which don't change, once. For one thread.
 */
final class Looks {
  private static final int AT_VOLUMES = 2;
  private static final int AT_SNAPSHOTS = 1;

  private final Names names;
  private final Tally tally;
  private final BooleanSupplier mayGoOn;
  private final Map<Origin, Integer> done = new HashMap<>();
  private long[] ids;

  /**
   * @param ids of the slices, ascending
   */
  Looks(Names names, long[] ids, BooleanSupplier mayGoOn) {
    this.names = names;
    this.tally = new Tally(ids);
    this.mayGoOn = mayGoOn;
    this.ids = ids;
  }

  /** How many relatives name each slice; all of them say so only of those that none names. */
  Tally tally() {
    return tally;
  }

  /** Whether each slice has a name, or these relatives were all looked at. */
  boolean areEnough(Relatives relatives) {
    return ids.length == 0 || (volumes(relatives).isEmpty() && snapshots(relatives).isEmpty());
  }

  /**
   * Looks once at each relative that needs it, for the slices that nobody has named yet.
   *
   * @return whether there was time for all
   */
  boolean at(Relatives relatives) throws InterruptedException {
    for (VolumeRecord volume : volumes(relatives)) {
      Optional<BitSet> named = names.in(volume, ids, mayGoOn);
      if (named.isEmpty()) {
        return false;
      }
      add(volume.asOrigin(), named.get());
    }
    for (SnapshotRecord snapshot : snapshots(relatives)) {
      if (!mayGoOn.getAsBoolean()) {
        return false;
      }
      add(snapshot.asOrigin(), names.in(snapshot, ids));
    }
    ids = tally.unnamed();
    return true;
  }

  private void add(Origin relative, BitSet named) {
    tally.add(ids, named);
    done.merge(relative, 1, Integer::sum);
  }

  private List<VolumeRecord> volumes(Relatives relatives) {
    return relatives.volumes().stream()
        .filter(volume -> done.getOrDefault(volume.asOrigin(), 0) < AT_VOLUMES)
        .toList();
  }

  private List<SnapshotRecord> snapshots(Relatives relatives) {
    return relatives.snapshots().stream()
        .filter(snapshot -> done.getOrDefault(snapshot.asOrigin(), 0) < AT_SNAPSHOTS)
        .toList();
  }
}
