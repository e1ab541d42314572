package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.SnapshotOutcome;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a snapshot of a volume, which may be in use: an intent in the registry, the metadata of one
 * instant of the call in an object, then READY. Repeated and undone as {@link CreateVolume} is.
 */
public final class CreateSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(CreateSnapshot.class);
  private static final Duration UNDO = Duration.ofSeconds(5);

  private final Backends backends;
  private final Sources sources;
  private final Copying copying;
  private final Removal removal;
  private final Steps steps;

  public CreateSnapshot(Backends backends, Copying copying, Removal removal, Steps steps) {
    this.backends = backends;
    this.sources = new Sources(backends);
    this.copying = copying;
    this.removal = removal;
    this.steps = steps;
  }

  /**
   * The ready snapshot.
   *
   * @param name what the CO knows it by until it has the id
   * @param source a volume
   * @throws io.juicebox.csi.status.DriverException.NotFound when there is no such volume
   * @throws AlreadyExists when the name belongs to a snapshot of another volume
   */
  public SnapshotRecord create(String name, SourceId source, Deadline deadline) {
    VolumeId volume = VolumeId.tryParse(source.id()).orElseThrow(() -> Sources.missing(source));
    Backend backend = backends.of(volume).orElseThrow(() -> Sources.missing(source));
    backends.requireNotElsewhere(
        "snapshot", name, backend, (other, it) -> other.snapshots().named(it));
    return switch (intend(backend, name, source, volume, deadline)) {
      case SnapshotOutcome.Claimed(Claim claim, SnapshotRecord snapshot) ->
          finish(backend, claim, snapshot, deadline);
      case SnapshotOutcome.Ready(SnapshotRecord snapshot) -> snapshot;
      case SnapshotOutcome.Held _ -> throw new OperationPending(name);
      case SnapshotOutcome.OtherSource(VolumeId id) ->
          throw new AlreadyExists(
              "snapshot %s exists as %s, of another volume".formatted(Printable.of(name), id));
      case SnapshotOutcome.NoSource _ -> throw Sources.missing(source);
    };
  }

  private SnapshotOutcome intend(
      Backend backend, String name, SourceId source, VolumeId volume, Deadline deadline) {
    var blocks = sources.find(source).map(Source::blocks);
    VolumeId id = VolumeId.random(backend.name());
    return Claims.patiently(
        () -> backend.snapshots().intend(name, volume, id, blocks),
        outcome -> outcome instanceof SnapshotOutcome.Held,
        name,
        deadline);
  }

  private SnapshotRecord finish(
      Backend backend, Claim claim, SnapshotRecord snapshot, Deadline deadline) {
    String object = Copying.snapshotPrefix(snapshot) + claim.token();
    try (claim) {
      try {
        steps.reached(ControllerStep.SNAPSHOT_INTENT);
        copying.store(backend, claim, snapshot, object, deadline);
        SnapshotRecord ready = backend.snapshots().ready(claim, object);
        steps.reached(ControllerStep.SNAPSHOT_READY);
        return ready;
      } catch (RuntimeException e) {
        if (!CreateVolume.willBeRepeated(e)) {
          undo(backend, claim, snapshot, e);
        } else if (e instanceof OperationPending) {
          removeStray(backend, snapshot, object, e);
        }
        throw e;
      }
    }
  }

  /** Whoever took the claim over may have removed the snapshot before we wrote the object. */
  private static void removeStray(
      Backend backend, SnapshotRecord snapshot, String object, RuntimeException why) {
    try {
      if (backend.snapshots().find(snapshot.id()).isEmpty()) {
        backend.objects().deleteKeys(snapshot.bucket(), List.of(object));
      }
    } catch (DriverException e) {
      LOG.warn("object {} may have stayed: {}", object, e.getMessage());
      why.addSuppressed(e);
    }
  }

  private void undo(Backend backend, Claim claim, SnapshotRecord snapshot, RuntimeException why) {
    try {
      backend.snapshots().bury(claim);
    } catch (OperationPending e) { // somebody else has the snapshot now
      why.addSuppressed(e);
      return;
    }
    steps.reached(ControllerStep.SNAPSHOT_BURIED);
    try {
      removal.run(backend, claim, snapshot, Deadline.in(UNDO));
    } catch (DriverException e) {
      LOG.warn(
          "what was made of snapshot {} goes with a later sweep: {}",
          snapshot.id(),
          e.getMessage());
      why.addSuppressed(e);
    }
  }
}
