package io.juicebox.controller.volume;

import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.meta.Session;
import io.juicebox.controller.object.ObjectStore.Bucket;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is left of a tombstone: the owner object, the filesystem's setting, the volume's
 * user and account, the objects, the keys, the credentials, the record. It may be broken off and
 * run again at any point.
 *
 * <p>A publication reads the owner object and then mounts, and juicefs reads the setting and then
 * registers its session. So the owner object goes first, and the setting in the same step as the
 * look for sessions: a publication that begins later is refused, and one that began before is seen
 * by its session, and then nothing more is removed until that ends, or finds no filesystem. Only a
 * juicefs that is between its own two steps at that instant gets further: the node looks for the
 * setting once more after each first mount.
 *
 * <p>Without a setting the registry alone says whose the number is, which it does until the record
 * goes, last of all.
 */
public final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private static final int BATCH = 1_000;
  private static final Duration LEAST = Duration.ofMillis(100);
  private static final Duration FOREGROUND = Duration.ofSeconds(4);
  private static final Duration TIME_TO_ANSWER = Duration.ofSeconds(1);

  /** How far a removal came. */
  enum Progress {
    DONE,
    /** The time was over; another run goes on. */
    MORE,
    /**
     * The shared bucket is away and may come back with the volume's objects: nothing is forgotten.
     */
    BUCKET_MISSING
  }

  private final Steps steps;

  public Removal(Steps steps) {
    this.steps = steps;
  }

  /**
   * Removes as much as fits before the deadline.
   *
   * @throws PreconditionFailed when the volume's number holds something else, or the volume is in
   *     use; no data was removed by this call
   */
  Progress run(Backend backend, Claim claim, VolumeRecord volume, Deadline deadline) {
    Optional<UUID> filesystem = ownFilesystem(backend.metadata(), volume);
    if (backend.lineages().isAlone(volume.asOrigin())) {
      backend.objects().removeOwner(volume.bucket(), volume.lineage());
      steps.reached(ControllerStep.DELETE_OWNER);
    }
    withdraw(backend.metadata(), volume, filesystem);
    steps.reached(ControllerStep.DELETE_WITHDRAWN);
    removeAccess(backend, volume);
    boolean last = backend.lineages().leave(claim, volume.asOrigin());
    steps.reached(ControllerStep.DELETE_LEFT);
    if (last) {
      Progress objects =
          removeObjects(backend, volume.lineage(), volume.bucket(), volume.bucketMode(), deadline);
      if (objects != Progress.DONE) {
        return objects;
      }
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
    if (volume.credentials() == Credentials.PER_VOLUME) {
      backend.credentials().forget(volume);
      steps.reached(ControllerStep.DELETE_CREDENTIALS);
    }
    backend.registry().forget(claim);
    steps.reached(ControllerStep.DELETE_FORGOTTEN);
    return Progress.DONE;
  }

  /**
   * Removes what is left of a snapshot's tombstone: its object, the lineage's blocks where nobody
   * else refers to them, the record. As for volumes, as much as fits before the deadline.
   */
  Progress run(Backend backend, Claim claim, SnapshotRecord snapshot, Deadline deadline) {
    if (backend.objects().find(snapshot.bucket()) == Bucket.PRESENT) {
      removeAll(backend, snapshot.bucket(), Copying.snapshotPrefix(snapshot));
    } else if (snapshot.bucketMode() == BucketMode.SHARED) {
      return Progress.BUCKET_MISSING;
    }
    steps.reached(ControllerStep.SNAPSHOT_REMOVED);
    boolean last = backend.lineages().leave(claim, snapshot.asOrigin());
    steps.reached(ControllerStep.SNAPSHOT_LEFT);
    if (last) {
      Progress objects =
          removeObjects(
              backend, snapshot.lineage(), snapshot.bucket(), snapshot.bucketMode(), deadline);
      if (objects != Progress.DONE) {
        return objects;
      }
    }
    backend.snapshots().forget(claim);
    steps.reached(ControllerStep.SNAPSHOT_FORGOTTEN);
    return Progress.DONE;
  }

  /** Until when a call removes; what is left then is the sweeper's. */
  static Deadline foreground(Deadline call) {
    return call.before(TIME_TO_ANSWER).atMost(FOREGROUND);
  }

  /** Whoever took the claim over may have removed the volume before our last steps. */
  static void removeStrays(Backend backend, VolumeRecord volume, RuntimeException why) {
    try {
      if (volume.credentials() == Credentials.PER_VOLUME
          && backend.registry().find(volume.id()).isEmpty()) {
        backend.credentials().removeUsers(volume);
        backend.credentials().removeAccounts(volume);
        backend.credentials().forget(volume);
      }
    } catch (DriverException e) {
      LOG.warn("credentials of volume {} may have stayed: {}", volume.id(), e.getMessage());
      why.addSuppressed(e);
    }
  }

  /** Ends what a client may still do that came in just before. */
  private void removeAccess(Backend backend, VolumeRecord volume) {
    if (volume.credentials() == Credentials.PER_VOLUME) {
      backend.credentials().removeUsers(volume);
      steps.reached(ControllerStep.DELETE_USER);
      backend.credentials().removeAccounts(volume);
      steps.reached(ControllerStep.DELETE_ACCOUNT);
    }
  }

  private static void removeAll(Backend backend, String bucket, String prefix) {
    int deleted;
    do {
      deleted = backend.objects().deleteBatch(bucket, prefix, BATCH);
    } while (deleted > 0);
  }

  /** All of a lineage, which has no relative left. */
  private Progress removeObjects(
      Backend backend, Lineage lineage, String bucket, BucketMode mode, Deadline deadline) {
    if (backend.objects().find(bucket) == Bucket.ABSENT) {
      return switch (mode) {
        case SHARED -> Progress.BUCKET_MISSING;
        case DEDICATED -> Progress.DONE; // an earlier run removed it
      };
    }
    while (backend.objects().deleteBatch(bucket, lineage.prefix(), BATCH) > 0) {
      if (deadline.isOver()) {
        return Progress.MORE;
      }
    }
    removeAll(backend, bucket, Copying.snapshotsPrefix(lineage)); // one that came too late
    steps.reached(ControllerStep.DELETE_OBJECTS);
    if (mode == BucketMode.DEDICATED) {
      backend.buckets().remove(bucket);
      steps.reached(ControllerStep.DELETE_BUCKET);
    }
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

  /**
   * Refuses a volume that somebody has mounted.
   *
   * @throws PreconditionFailed naming the clients
   */
  static void requireUnused(Metadata metadata, VolumeRecord volume) {
    List<Session> sessions = metadata.liveSessions(volume.number());
    if (!sessions.isEmpty()) {
      throw new PreconditionFailed(
          ("volume %s is in use by %s: unpublish it there; a client that died is forgotten after a"
                  + " minute")
              .formatted(
                  volume.id(),
                  sessions.stream().map(Removal::client).collect(Collectors.joining(", "))));
    }
  }

  private static void withdraw(Metadata metadata, VolumeRecord volume, Optional<UUID> filesystem) {
    requireUnused(metadata, volume); // a mount may have begun just before
    if (filesystem.isPresent() && !metadata.withdraw(volume.number(), filesystem.get())) {
      throw new OperationPending(volume.id().value()); // one has begun just now
    }
  }

  private static String client(Session session) {
    return "%s (process %d, session %s)"
        .formatted(Printable.of(session.host()), session.process(), Printable.bare(session.id()));
  }

  private static boolean isOf(VolumeRecord volume, FilesystemSetting setting) {
    return setting.name().equals(volume.lineage().value())
        && volume.context().map(context -> context.uuid().equals(setting.uuid())).orElse(true);
  }
}
