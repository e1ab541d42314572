package io.juicebox.controller.collector;

import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.csi.volume.Number;
import java.time.Duration;
import java.util.UUID;

/**
 * A ready volume, and for how long it is worked on.
 *
 * @param claim the right to do it
 */
record Job(VolumeRecord volume, UUID uuid, Claim claim, Deadline deadline) {

  static Job of(VolumeRecord volume, Claim claim, Duration turn) {
    return new Job(volume, volume.context().orElseThrow().uuid(), claim, Deadline.in(turn));
  }

  Number number() {
    return volume.number();
  }

  boolean mayGoOn() {
    return claim.isHeld() && !deadline.isOver();
  }

  /** Whether a slice was made by this volume and not by another member of its lineage. */
  boolean owns(long slice) {
    return slice >= volume.member().firstSlice() && slice <= volume.member().lastSlice();
  }

  BlockKeys keys() {
    return new BlockKeys(volume.lineage());
  }
}
