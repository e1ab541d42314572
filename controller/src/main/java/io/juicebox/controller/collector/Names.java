package io.juicebox.controller.collector;

import io.juicebox.controller.fork.MetadataCopies;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Garbage.Place;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.controller.volume.CopyFiles;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.VolumeContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * Looks for slices in the metadata of their relatives. A relative that can't be read though it is
 * ready is a failure: it may name any of them.
 */
record Names(
    Registry registry, Snapshots snapshots, Garbage garbage, ObjectStore objects, CopyFiles files) {
  /** The rest after each script, which takes about as long. */
  private static final Duration PACE = Duration.ofMillis(2);

  /** Counters last: a slice that moves to another file leaves its counter there. */
  private static final List<Place> PLACES = List.of(Place.CHUNKS, Place.DELAYED, Place.COUNTERS);

  /**
   * Those that a volume names. A slice that moves between two files while their chunks are read may
   * be missed in both: only what two looks miss is not named.
   *
   * @param ids ascending
   * @return their places among the ids; empty when the time was over
   */
  Optional<BitSet> in(VolumeRecord volume, long[] ids, BooleanSupplier mayGoOn)
      throws InterruptedException {
    var named = new BitSet(ids.length);
    Optional<UUID> filesystem = volume.context().map(VolumeContext::uuid);
    if (ids.length == 0 || filesystem.isEmpty()) {
      return Optional.of(named); // it was never ready: nobody was told of it, and nobody will be
    }
    for (Place place : PLACES) {
      Optional<String> from = Optional.empty();
      do {
        if (!mayGoOn.getAsBoolean()) {
          return Optional.empty();
        }
        Optional<Garbage.Names> page =
            garbage.named(
                volume.number(), filesystem.get(), place, from, ids[0], ids[ids.length - 1]);
        if (page.isEmpty()) {
          requireRemoved(volume);
          return Optional.of(named);
        }
        page.get().ids().forEach(id -> mark(named, ids, id));
        from = page.get().next();
        Thread.sleep(PACE);
      } while (from.isPresent());
    }
    return Optional.of(named);
  }

  /**
   * A tombstone whose setting was taken away names nothing: nobody can mount it or copy it any
   * more.
   */
  private void requireRemoved(VolumeRecord volume) {
    if (registry.find(volume.id()).filter(it -> it.state() == State.READY).isPresent()) {
      throw new PreconditionFailed(
          "volume %s can't be read: number %s does not hold its filesystem, and no block that it may need is deleted"
              .formatted(volume.id(), volume.number()));
    }
  }

  /**
   * Those that a snapshot names.
   *
   * @param ids ascending
   * @return their places among the ids
   */
  BitSet in(SnapshotRecord snapshot, long[] ids) {
    var named = new BitSet(ids.length);
    if (ids.length > 0 && snapshot.object().isPresent()) {
      boolean read =
          files.with(file -> {
            boolean there = objects.get(snapshot.bucket(), snapshot.object().get(), file);
            if (there) {
              MetadataCopies.slices(file, id -> mark(named, ids, id));
            }
            return there;
          });
      if (!read) {
        requireRemoved(snapshot);
      }
    }
    return named;
  }

  private void requireRemoved(SnapshotRecord snapshot) {
    if (snapshots.find(snapshot.id()).filter(it -> it.state() == State.READY).isPresent()) {
      throw new PreconditionFailed(
          "snapshot %s can't be read: %s is missing in bucket %s, and no block that it may need is deleted"
              .formatted(snapshot.id(), snapshot.object().orElseThrow(), snapshot.bucket()));
    }
  }

  private static void mark(BitSet named, long[] ids, long id) {
    int place = Arrays.binarySearch(ids, id);
    if (place >= 0) {
      named.set(place);
    }
  }
}
