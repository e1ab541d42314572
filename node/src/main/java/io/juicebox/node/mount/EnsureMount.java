package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.mount.MountHealth.State;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Looks at what there is of a volume, and makes a mount of it that serves; see {@link Mounts}. */
final class EnsureMount {
  private final VolumeDirectories directories;
  private final KnownMounts known;
  private final Root root;
  private final Inspection inspection;
  private final Start start;
  private final Removal removal;
  private final Revivals revivals;
  private final Reconciliation reconciliation;
  private final KeyFiles keys;
  private final HealthBook health;
  private final Duration limit;

  EnsureMount(
      VolumeDirectories directories,
      KnownMounts known,
      Root root,
      Inspection inspection,
      Start start,
      Removal removal,
      Revivals revivals,
      Reconciliation reconciliation,
      KeyFiles keys,
      HealthBook health,
      Duration limit) {
    this.directories = directories;
    this.known = known;
    this.root = root;
    this.inspection = inspection;
    this.start = start;
    this.removal = removal;
    this.revivals = revivals;
    this.reconciliation = reconciliation;
    this.keys = keys;
    this.health = health;
    this.limit = limit;
  }

  Mount run(MountRequest request) throws IOException {
    VolumeFiles files = directories.of(request.volume());
    Optional<MountRecord> record = MountRecord.read(files);
    switch (condition(request.volume(), files, record)) {
      case SERVING -> {
        return mount(request);
      }
      case SILENT ->
          throw new Late(
              ("a look at the mount of volume %s, which is there and whose juicefs runs"
                      + " (its backend may be away),")
                  .formatted(request.volume()),
              limit);
      case ORPHANED -> {
        keys.put(request.volume(), request.backend());
        revivals.now(request, record.orElseThrow(), files);
      }
      case LEAVING -> {
        removal.release(files, record, request.deadline());
        startOrTakeBack(request, files);
      }
      case ABSENT, BROKEN -> {
        removal.takeBack(files, record);
        startOrTakeBack(request, files);
      }
    }
    return mount(request);
  }

  /** What there is; a mount that somebody took off while others of it go on is mounted again. */
  private Condition condition(VolumeId volume, VolumeFiles files, Optional<MountRecord> record) {
    Optional<MountInfo> mounted = root.mounted(files.mountPoint());
    Condition condition = inspection.of(volume, files, record, mounted);
    return condition == Condition.LEAVING && reconciliation.mountAgain(record.orElseThrow(), files)
        ? inspection.of(volume, files, record, root.mounted(files.mountPoint()))
        : condition;
  }

  private Mount mount(MountRequest request) {
    return known
        .find(request.volume())
        .orElseThrow(() -> new Failed("volume " + request.volume() + " was unmounted meanwhile"));
  }

  private void startOrTakeBack(MountRequest request, VolumeFiles files) throws IOException {
    revivals.forget(request.volume());
    try {
      start.run(request, files);
      health.note(request.volume(), State.SERVING, "");
    } catch (IOException | RuntimeException e) {
      try {
        removal.takeBack(files, MountRecord.read(files));
      } catch (IOException | RuntimeException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }
}
