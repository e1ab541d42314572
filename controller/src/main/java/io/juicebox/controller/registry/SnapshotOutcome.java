package io.juicebox.controller.registry;

import io.juicebox.csi.volume.VolumeId;

/** What became of the intent of a snapshot. */
public sealed interface SnapshotOutcome {
  /** It is the caller's to make: a new one, or one that an earlier call left unfinished. */
  record Claimed(Claim claim, SnapshotRecord snapshot) implements SnapshotOutcome {}

  /** The same request was answered before. */
  record Ready(SnapshotRecord snapshot) implements SnapshotOutcome {}

  /** Another call works on the snapshot of this name now. */
  record Held(VolumeId id) implements SnapshotOutcome {}

  /** The name belongs to a snapshot of another volume. */
  record OtherSource(VolumeId id) implements SnapshotOutcome {}

  /** There is no such volume. */
  record NoSource() implements SnapshotOutcome {}
}
