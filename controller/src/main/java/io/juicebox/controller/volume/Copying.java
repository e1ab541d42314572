package io.juicebox.controller.volume;

import io.juicebox.controller.fork.Original;
import io.juicebox.controller.fork.ReadMetadata;
import io.juicebox.controller.fork.Renewal;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies metadata: of a volume into the object of a snapshot, of a volume or a snapshot into the
 * number of a new volume. What a copy refers to is in the registry before the copy can be used.
 *
 * <p>Few at once on a backend, so that the steps in which its Redis answers nobody else do not add
 * up.
 */
public final class Copying {
  private static final Logger LOG = LoggerFactory.getLogger(Copying.class);
  private static final int AT_ONCE = 2;

  private final CopyFiles files;
  private final Steps steps;
  private final Map<BackendName, Semaphore> running = new ConcurrentHashMap<>();

  public Copying(CopyFiles files, Steps steps) {
    this.files = files;
    this.steps = steps;
  }

  /** Fills the number of a volume that is to be a copy. */
  void fill(Backend backend, Claim claim, VolumeRecord volume, Renewal renewal, Deadline deadline) {
    Origin origin = volume.origin().orElseThrow();
    switch (origin.kind()) {
      case VOLUME -> copy(backend, claim, volume, renewal, deadline);
      case SNAPSHOT -> restore(backend, claim, volume, renewal, deadline);
    }
  }

  private void copy(
      Backend backend, Claim claim, VolumeRecord volume, Renewal renewal, Deadline deadline) {
    VolumeId source = volume.origin().orElseThrow().id();
    Original original = original(backend, source);
    inTurn(
        backend,
        deadline,
        () -> {
          Duration longest =
              backend
                  .copies()
                  .copy(
                      original,
                      volume.number(),
                      claim,
                      renewal,
                      read -> {
                        cut(backend, claim, source, volume.asOrigin(), read);
                        steps.reached(ControllerStep.CREATE_READ);
                      });
          filled(volume, longest);
        });
  }

  private void restore(
      Backend backend, Claim claim, VolumeRecord volume, Renewal renewal, Deadline deadline) {
    Origin origin = volume.origin().orElseThrow();
    files.use(file -> {
      fetch(backend, origin.id(), file);
      steps.reached(ControllerStep.CREATE_READ);
      inTurn(
          backend,
          deadline,
          () -> {
            try {
              filled(volume, backend.copies().write(file, volume.number(), claim, renewal));
            } catch (Failed e) { // of the file, which does not know what it is of
              throw new Failed("of %s: %s".formatted(origin.key(), e.getMessage()), e);
            }
          });
    });
  }

  private static void filled(VolumeRecord volume, Duration longest) {
    LOG.info("volume {} was filled in steps of {} ms at most", volume.id(), longest.toMillis());
  }

  /**
   * Writes the object of a snapshot.
   *
   * @param key of this claim alone: whoever lost it may still be writing an earlier one
   */
  void store(Backend backend, Claim claim, SnapshotRecord snapshot, String key, Deadline deadline) {
    files.use(file -> {
      read(backend, claim, snapshot.source(), snapshot.asOrigin(), file, deadline);
      steps.reached(ControllerStep.SNAPSHOT_READ);
      backend.objects().put(snapshot.bucket(), key, file);
      steps.reached(ControllerStep.SNAPSHOT_WRITTEN);
    });
  }

  /** What the keys of a snapshot's objects begin with: no account of a volume reaches them. */
  static String snapshotPrefix(SnapshotRecord snapshot) {
    return snapshotsPrefix(snapshot.lineage()) + snapshot.id() + "/";
  }

  /**
   * What the keys of all objects of a lineage's snapshots begin with; the snapshot's id follows.
   */
  public static String snapshotsPrefix(Lineage lineage) {
    return "snapshots/" + lineage.prefix();
  }

  private void read(
      Backend backend, Claim claim, VolumeId source, Origin copy, Path file, Deadline deadline) {
    Original original = original(backend, source);
    inTurn(
        backend,
        deadline,
        () -> cut(backend, claim, source, copy, backend.copies().read(original, file)));
  }

  private static Original original(Backend backend, VolumeId source) {
    VolumeRecord volume =
        backend
            .registry()
            .find(source)
            .filter(it -> it.state() == State.READY)
            .orElseThrow(() -> NotFound.volume(source.value()));
    var _ = Removal.ownFilesystem(backend.metadata(), volume); // so its blocks are the lineage's
    return new Original(volume.number(), volume.member(), volume.context().orElseThrow().uuid());
  }

  private static void cut(
      Backend backend, Claim claim, VolumeId source, Origin copy, ReadMetadata read) {
    LOG.info("the metadata of volume {} were read for {}: {}", source, copy.id(), read);
    backend.lineages().cut(claim, copy, read.nextSlice());
  }

  private static void fetch(Backend backend, VolumeId source, Path file) {
    SnapshotRecord snapshot =
        backend
            .snapshots()
            .find(source)
            .filter(it -> it.state() == State.READY)
            .orElseThrow(() -> NotFound.snapshot(source.value()));
    String key = snapshot.object().orElseThrow();
    if (!backend.objects().get(snapshot.bucket(), key, file)) {
      throw new PreconditionFailed(
          "%s is missing in bucket %s: the snapshot can't be restored"
              .formatted(key, snapshot.bucket()));
    }
  }

  private void inTurn(Backend backend, Deadline deadline, Runnable work) {
    Semaphore turns = running.computeIfAbsent(backend.name(), _ -> new Semaphore(AT_ONCE, true));
    try {
      Duration left = deadline.left();
      if (!turns.tryAcquire(left.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Late("waiting for other copies", left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("a copy was interrupted", e);
    }
    try {
      work.run();
    } finally {
      turns.release();
    }
  }
}
