package io.juicebox.controller.volume;

import io.juicebox.controller.credential.Rotation;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import java.util.Optional;
import java.util.stream.Stream;

/** Gives the ready volumes of one backend other credentials, for an operator. */
public final class RotateCredentials {
  private final Backend backend;
  private final Rotation rotation;

  public RotateCredentials(Backend backend, Rotation rotation) {
    this.backend = backend;
    this.rotation = rotation;
  }

  /** Where they are. */
  public BackendName backend() {
    return backend.name();
  }

  /** The volume of the CO's name. */
  public Optional<VolumeId> named(String name) {
    return backend.registry().named(name);
  }

  /** All volumes that are ready, read page by page. */
  public Stream<VolumeId> all() {
    return backend.registry().all().map(VolumeRecord::id);
  }

  /** Gives a volume new credentials; the former ones work for a while. */
  public Rotation.Outcome rotate(VolumeId id, Deadline deadline) {
    try (Claimed it = claim(id, deadline)) {
      try {
        return rotation.rotate(it.claim(), it.volume(), deadline.left());
      } catch (OperationPending e) {
        Removal.removeStrays(backend, it.volume(), e);
        throw e;
      }
    }
  }

  /** Ends the credentials that a volume had before its present ones, whoever uses them. */
  public void endFormer(VolumeId id, Deadline deadline) {
    try (Claimed it = claim(id, deadline)) {
      rotation.endFormer(it.claim(), it.volume());
    }
  }

  /** A ready volume that is ours for now. */
  private record Claimed(Claim claim, VolumeRecord volume) implements AutoCloseable {
    @Override
    public void close() {
      claim.close();
    }
  }

  private Claimed claim(VolumeId id, Deadline deadline) {
    return switch (Claims.claim(backend.registry(), id, deadline)) {
      case ClaimOutcome.Absent _ -> throw NotFound.volume(id.value());
      case ClaimOutcome.Held _ -> throw new OperationPending(id.value());
      case ClaimOutcome.Claimed(Claim claim, VolumeRecord volume) -> {
        if (volume.state() != VolumeRecord.State.READY) {
          claim.close();
          throw NotFound.volume(id.value());
        }
        yield new Claimed(claim, volume);
      }
    };
  }
}
