package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.descriptor.DescriptorKeeper;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.MountFlag;
import io.juicebox.node.kernel.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what there is of each volume with what should be, and mends it: descriptors that nobody
 * keeps, processes that nobody replaced, restarts that are due, mounts that somebody took off,
 * placeholders that can be written, and what no volume has any more.
 */
final class Reconciliation {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
  private static final Duration RESTART = Duration.ofSeconds(60);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(16);

  private final Kernel kernel;
  private final Map<VolumeId, Pauses> pauses = new ConcurrentHashMap<>();
  private final VolumeDirectories directories;
  private final Path caches;
  private final Claims claims;
  private final Processes processes;
  private final DescriptorKeeper descriptors;
  private final Belongings belongings;
  private final Placeholder placeholder;
  private final KeyFiles keys;
  private final Root root;
  private final Removal removal;
  private final Revivals revivals;
  private final RestartMount restart;

  Reconciliation(
      Kernel kernel,
      VolumeDirectories directories,
      Path caches,
      Claims claims,
      Processes processes,
      DescriptorKeeper descriptors,
      Belongings belongings,
      Placeholder placeholder,
      KeyFiles keys,
      Root root,
      Removal removal,
      Revivals revivals,
      RestartMount restart) {
    this.kernel = kernel;
    this.directories = directories;
    this.caches = caches;
    this.claims = claims;
    this.processes = processes;
    this.descriptors = descriptors;
    this.belongings = belongings;
    this.placeholder = placeholder;
    this.keys = keys;
    this.root = root;
    this.removal = removal;
    this.revivals = revivals;
    this.restart = restart;
  }

  /** Looks at everything once; volumes with an operation under way are left to the next time. */
  void run() {
    List<VolumeId> volumes = directories.volumes();
    pauses.keySet().retainAll(volumes);
    for (VolumeId volume : volumes) {
      claims.sweep(volume, "look after the mount", () -> mend(volume));
    }
    for (VolumeId volume : belongings.volumes()) {
      claims.sweep(volume, "remove what is left", () -> removeRemains(volume));
    }
    for (VolumeId volume : VolumeDirectories.volumesIn(caches)) {
      claims.sweep(volume, "remove the cache", () -> removeCache(volume));
    }
    endStrays();
  }

  private void mend(VolumeId volume) {
    VolumeFiles files = directories.of(volume);
    Optional<MountRecord> known = MountRecord.read(files);
    if (known.isEmpty()) {
      return; // a release removes it
    }
    MountRecord record = known.get();
    Optional<ProcessIdentity> running = record.running();
    try {
      if (root.mounted(files.mountPoint()).isEmpty()) {
        placeholder.create(files.mountPoint());
        if (running.isPresent()) {
          var _ = mountAgain(record, files);
        }
      } else if (running.isPresent()) {
        keepDescriptor(record, running.get(), files);
        restartIfDue(record, files);
      } else if (descriptors.holds(volume) && !revivals.pending(volume)) {
        record.process().ifPresent(process -> revivals.ended(volume, process));
      }
    } catch (IOException e) {
      LOG.warn("volume {}: can't look after its mount: {}", volume, e.toString());
    }
  }

  private void keepDescriptor(MountRecord record, ProcessIdentity process, VolumeFiles files) {
    if (!descriptors.holds(record.volume())) {
      descriptors.serve(record.volume(), files.descriptorSocket(), files.init());
      descriptors.takeFrom(record.volume(), process.pid());
    }
  }

  private void restartIfDue(MountRecord record, VolumeFiles files) throws IOException {
    VolumeId volume = record.volume();
    var known = keys.get(volume);
    if (!record.outdated()) {
      pauses.remove(volume);
    } else if (known.isPresent() && pauses.computeIfAbsent(volume, _ -> new Pauses()).isOver()) {
      var request = record.request(known.get(), Deadline.after(RESTART));
      LOG.info("volume {}: a restart was due: {}", volume, restart.run(request, files, record));
    }
  }

  /**
   * The time between two attempts to restart a busy process, each of which may hold its users up:
   * one minute, two, four, and so on to 32.
   */
  private static final class Pauses {
    private Duration pause = Duration.ofMinutes(1);
    private Deadline end = Deadline.after(Duration.ZERO);

    boolean isOver() {
      if (!end.passed()) {
        return false;
      }
      end = Deadline.after(pause);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
      return true;
    }
  }

  /**
   * Mounts a volume again where somebody took its mount off while publications of it, made from
   * that mount, go on: the process serves them, so it must not be ended.
   *
   * @return whether it is mounted now
   */
  boolean mountAgain(MountRecord record, VolumeFiles files) {
    Optional<MountInfo> other =
        record.device().stream()
            .flatMap(device -> kernel.mounts().ofDevice(device))
            .filter(mount -> Root.isJuicefs(mount) && mount.root().equals("/"))
            .findFirst();
    other.ifPresent(mount -> {
      // As juicefs mounts it, whatever flags the publication has.
      kernel.bind(
          Path.of(mount.mountPoint()),
          files.mountPoint(),
          EnumSet.of(MountFlag.NODEV, MountFlag.NOSUID));
      LOG.warn(
          "volume {}: somebody unmounted {}; it is mounted again from {}",
          record.volume(),
          files.mountPoint(),
          mount.mountPoint());
    });
    return other.isPresent();
  }

  private void removeRemains(VolumeId volume) {
    try {
      if (Files.notExists(directories.of(volume).home())) {
        belongings.remove(volume);
      }
    } catch (IOException e) {
      LOG.warn("volume {}: can't remove what is left: {}", volume, e.toString());
    }
  }

  private void removeCache(VolumeId volume) {
    try {
      if (Files.notExists(directories.of(volume).home())) {
        removal.removeCache(caches.resolve(volume.value()));
      }
    } catch (IOException e) {
      LOG.warn("volume {}: can't remove its cache: {}", volume, e.toString());
    }
  }

  /**
   * Processes that write to the log of a volume whose record names another one, or that has none.
   */
  private void endStrays() {
    processes
        .byOutput()
        .forEach((log, process) ->
            directories
                .volumeOfLog(log)
                .ifPresent(volume ->
                    claims.sweep(volume, "end a stray juicefs", () -> endStray(volume, process))));
  }

  private void endStray(VolumeId volume, ProcessIdentity process) {
    Optional<MountRecord> record = MountRecord.read(directories.of(volume));
    if (record.flatMap(MountRecord::process).filter(process::equals).isEmpty()
        && process.isRunning()) {
      LOG.warn("volume {}: juicefs {} serves nobody and is ended", volume, process.pid());
      processes.kill(process);
    }
  }
}
