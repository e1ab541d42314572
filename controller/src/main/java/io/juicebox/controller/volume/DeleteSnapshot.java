package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.VolumeId;
import java.util.Optional;

/**
 * Deletes a snapshot: a tombstone first, then its object and its place among the relatives. What
 * only it referred to goes with a later sweep of its lineage; what else is left is the sweeper's.
 */
public final class DeleteSnapshot {
  private final Backends backends;
  private final Removal removal;
  private final Runnable sweep;
  private final Steps steps;

  /**
   * @param sweep wakes the sweeper
   */
  public DeleteSnapshot(Backends backends, Removal removal, Runnable sweep, Steps steps) {
    this.backends = backends;
    this.removal = removal;
    this.sweep = sweep;
    this.steps = steps;
  }

  /**
   * Deletes the snapshot of an id, if there is one.
   *
   * @throws io.juicebox.csi.status.DriverException.OperationPending also while a volume is being
   *     made of it
   */
  public void delete(String id, Deadline deadline) {
    Optional<VolumeId> known = VolumeId.tryParse(id);
    if (known.isEmpty()) {
      return; // none of ours, so none that exists
    }
    Backend backend = backends.holding(known.get());
    if (backend.snapshots().find(known.get()).isEmpty()) {
      return;
    }
    Claim claim = Claims.claimSnapshot(backend.snapshots(), known.get(), deadline);
    try (claim) {
      // What is there may have gone while we waited.
      Optional<SnapshotRecord> snapshot = backend.snapshots().find(known.get());
      if (snapshot.isPresent()) {
        delete(backend, claim, snapshot.get(), deadline);
      }
    }
  }

  private void delete(Backend backend, Claim claim, SnapshotRecord snapshot, Deadline deadline) {
    backend.snapshots().bury(claim);
    steps.reached(ControllerStep.SNAPSHOT_BURIED);
    switch (removal.run(backend, claim, snapshot, Removal.foreground(deadline))) {
      case DONE -> {}
      case MORE, BUCKET_MISSING -> sweep.run();
    }
  }
}
