package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.VolumeId;

/**
 * Deletes a volume that nobody has mounted: a tombstone first, then its remains. What takes longer
 * than a call may last is left to the sweeper; for the CO the volume is gone with the tombstone.
 *
 * <p>The order, in which each step may be the last of a call: a look for mounts, the tombstone, the
 * owner object, a second look, the setting, the volume's Redis user and account, the other objects,
 * the keys, the credentials, the record. The second look finds a mount that was made meanwhile: the
 * call is refused then, like each that follows and each sweep, the mount keeps its data, and the
 * first of them after its end deletes the volume. See {@link Removal} for why the owner object goes
 * before it.
 *
 * <p>While the backend's shared bucket is missing, the tombstone, the keys and the number stay: the
 * sweeper says so and goes on when the bucket is there again, with its objects or without.
 */
public final class DeleteVolume {
  private final Backends backends;
  private final Removal removal;
  private final Runnable sweep;
  private final Steps steps;

  /**
   * @param sweep wakes the sweeper
   */
  public DeleteVolume(Backends backends, Removal removal, Runnable sweep, Steps steps) {
    this.backends = backends;
    this.removal = removal;
    this.sweep = sweep;
    this.steps = steps;
  }

  /** Deletes the volume of an id, if there is one. */
  public void delete(String id, Deadline deadline) {
    var known = VolumeId.tryParse(id);
    if (known.isEmpty()) {
      return; // none of ours, so none that exists
    }
    Backend backend = backends.holding(known.get());
    switch (Claims.claim(backend.registry(), known.get(), deadline)) {
      case ClaimOutcome.Absent _ -> {}
      case ClaimOutcome.Held _ -> throw new OperationPending(id);
      case ClaimOutcome.Claimed(Claim claim, VolumeRecord volume) ->
          delete(backend, claim, volume, deadline);
    }
  }

  private void delete(Backend backend, Claim claim, VolumeRecord volume, Deadline deadline) {
    try (claim) {
      if (volume.state() == State.READY) {
        Removal.ownFilesystem(backend.metadata(), volume);
        Removal.requireUnused(backend.metadata(), volume);
      }
      backend.registry().bury(claim);
      steps.reached(ControllerStep.DELETE_BURIED);
      switch (removal.run(backend, claim, volume, Removal.foreground(deadline))) {
        case DONE -> {}
        case MORE, BUCKET_MISSING -> sweep.run();
      }
    }
  }
}
