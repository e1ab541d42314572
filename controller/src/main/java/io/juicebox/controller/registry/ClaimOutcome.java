package io.juicebox.controller.registry;

/** What became of an attempt to claim a volume. */
public sealed interface ClaimOutcome {
  /** The volume is the caller's until it closes the claim. */
  record Claimed(Claim claim, VolumeRecord volume) implements ClaimOutcome {}

  /** Another call works on it now. */
  record Held() implements ClaimOutcome {}

  /** The registry has no such volume. */
  record Absent() implements ClaimOutcome {}
}
