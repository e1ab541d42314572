package io.juicebox.controller.registry;

import io.juicebox.csi.volume.VolumeId;

/** What became of an {@link Intent}. */
public sealed interface IntentOutcome {
  /** The volume is the caller's to make: a new one, or one that an earlier call left unfinished. */
  record Claimed(Claim claim, VolumeRecord volume) implements IntentOutcome {}

  /** The same request was answered before. */
  record Ready(VolumeRecord volume) implements IntentOutcome {}

  /** Another call works on the volume of this name now. */
  record Held(VolumeId id) implements IntentOutcome {}

  /** The name belongs to a volume that was requested otherwise. */
  record OtherRequest(VolumeId id) implements IntentOutcome {}

  /** Somebody else has taken the id to be abandoned: it was not kept in time. */
  record BlankLost() implements IntentOutcome {}

  /** What it was to be a copy of is not there. */
  record NoOrigin() implements IntentOutcome {}

  /** There is no number left with an empty database. */
  record NoNumber() implements IntentOutcome {}

  /** The sum of all capacities would exceed the pool. */
  record PoolFull() implements IntentOutcome {}

  /** A new volume is not admitted, see {@link Admission}. */
  record NotAdmitted() implements IntentOutcome {}
}
