package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.VolumeId;

/**
 * Gives a volume more capacity while it is in use; mounts notice within 12 s. A volume never
 * shrinks: one that is larger than asked is answered as it is.
 *
 * <p>The record goes first, because the pool may refuse it. A call that ends before the filesystem
 * has grown too is finished by the next one or by the sweeper.
 */
public final class ExpandVolume {
  private final Backends backends;
  private final Steps steps;

  public ExpandVolume(Backends backends, Steps steps) {
    this.backends = backends;
    this.steps = steps;
  }

  /** The volume's capacity after the call. */
  public Capacity expand(String id, CapacityRange range, Deadline deadline) {
    VolumeId known = VolumeId.tryParse(id).orElseThrow(() -> NotFound.volume(id));
    Backend backend = backends.of(known).orElseThrow(() -> NotFound.volume(id));
    return switch (Claims.claim(backend.registry(), known, deadline)) {
      case ClaimOutcome.Absent _ -> throw NotFound.volume(id);
      case ClaimOutcome.Held _ -> throw new OperationPending(id);
      case ClaimOutcome.Claimed(Claim claim, VolumeRecord volume) ->
          expand(backend, claim, volume, range);
    };
  }

  private Capacity expand(Backend backend, Claim claim, VolumeRecord volume, CapacityRange range) {
    try (claim) {
      if (volume.state() != State.READY) {
        throw NotFound.volume(volume.id().value());
      }
      Capacity wanted = decide(volume.capacity(), range);
      if (!wanted.equals(volume.capacity())) {
        backend.registry().resize(claim, wanted);
        steps.reached(ControllerStep.EXPAND_RECORDED);
      }
      // Always: a call that died after the line above left the filesystem behind.
      backend.metadata().resize(volume.number(), volume.context().orElseThrow().uuid(), wanted);
      steps.reached(ControllerStep.EXPAND_RESIZED);
      backend.registry().grown(claim);
      return wanted;
    }
  }

  /**
   * The capacity that a volume should have.
   *
   * @throws InvalidRequest when the range is none
   * @throws OutOfRange when it could only be met by a smaller volume, or by none
   */
  static Capacity decide(Capacity current, CapacityRange range) {
    if (range.equals(CapacityRange.ANY)) {
      throw new InvalidRequest("capacity_range", "is missing");
    }
    Capacity wanted = Capacity.choose(range.required(), range.limit(), current);
    if (wanted.compareTo(current) > 0) {
      return wanted;
    }
    if (range.required() == 0 && range.limit() < current.bytes()) {
      throw new OutOfRange(
          "capacity_range.limit_bytes",
          "%d is below the volume's %s, and volumes never shrink"
              .formatted(range.limit(), current));
    }
    return current;
  }
}
