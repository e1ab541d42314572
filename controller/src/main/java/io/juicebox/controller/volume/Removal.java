package io.juicebox.controller.volume;

import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BucketMode;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * Removes what is left of a tombstone: objects, then keys, then the record. It may be broken off
 * and run again at any point.
 *
 * <p>Keys go last because they tell, by the filesystem's UUID, that the number is still this
 * volume's.
 */
public final class Removal {
  private static final int BATCH = 1_000;
  private static final Duration LEAST = Duration.ofMillis(100);

  /** How far a removal came. */
  enum Progress {
    DONE,
    /** The time was over; another run goes on. */
    MORE
  }

  private final Steps steps;

  public Removal(Steps steps) {
    this.steps = steps;
  }

  /**
   * Removes as much as fits before the deadline.
   *
   * @throws PreconditionFailed when the volume's number holds something else; nothing was removed
   */
  Progress run(Backend backend, Claim claim, VolumeRecord volume, Deadline deadline) {
    Optional<UUID> filesystem = ownFilesystem(backend.metadata(), volume);
    while (backend.objects().deleteBatch(volume.bucket(), volume.lineage(), BATCH) > 0) {
      if (deadline.isOver()) {
        return Progress.MORE;
      }
    }
    steps.reached(ControllerStep.DELETE_OBJECTS);
    if (volume.bucketMode() == BucketMode.DEDICATED) {
      backend.buckets().remove(volume.bucket());
      steps.reached(ControllerStep.DELETE_BUCKET);
    }
    Duration left = deadline.left().compareTo(LEAST) > 0 ? deadline.left() : LEAST;
    boolean gone =
        filesystem.isPresent()
            ? backend.metadata().drop(volume.number(), filesystem.get(), left)
            : backend.metadata().clear(volume.number(), left);
    if (!gone) {
      return Progress.MORE;
    }
    steps.reached(ControllerStep.DELETE_DROPPED);
    backend.registry().forget(claim);
    steps.reached(ControllerStep.DELETE_FORGOTTEN);
    return Progress.DONE;
  }

  /**
   * The filesystem that the volume's number holds; empty when there is none, because it was never
   * made or has been removed.
   *
   * @throws PreconditionFailed when the number holds another one
   */
  static Optional<UUID> ownFilesystem(Metadata metadata, VolumeRecord volume) {
    Optional<FilesystemSetting> found = metadata.setting(volume.number());
    if (found.isPresent() && !isOf(volume, found.get())) {
      throw new PreconditionFailed(
          ("number %s of Redis holds the filesystem %s (%s), not that of volume %s: nothing was"
                  + " changed; find out who put it there")
              .formatted(volume.number(), found.get().name(), found.get().uuid(), volume.id()));
    }
    return found.map(FilesystemSetting::uuid);
  }

  private static boolean isOf(VolumeRecord volume, FilesystemSetting setting) {
    return setting.name().equals(volume.lineage().value())
        && volume.context().map(context -> context.uuid().equals(setting.uuid())).orElse(true);
  }
}
