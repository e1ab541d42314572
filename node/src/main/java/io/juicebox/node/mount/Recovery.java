package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what an earlier run of the program left: mounts that answer, or may answer again, stay;
 * all else of ours goes. The runs before may have been killed at any point, on this boot or
 * another.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** For a process whose mount was released to end; more than a release itself gives it. */
  private static final Duration LEAVING = Duration.ofSeconds(30);

  private final VolumeDirectories directories;
  private final Path caches;
  private final Processes processes;
  private final Root root;
  private final Inspection inspection;
  private final Removal removal;

  Recovery(
      VolumeDirectories directories,
      Path caches,
      Processes processes,
      Root root,
      Inspection inspection,
      Removal removal) {
    this.directories = directories;
    this.caches = caches;
    this.processes = processes;
    this.root = root;
    this.inspection = inspection;
    this.removal = removal;
  }

  /** Blocks as long as the slowest mount takes to answer; hung ones are asked side by side. */
  void run() {
    Map<Path, ProcessIdentity> running = processes.byOutput();
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      for (VolumeId volume : directories.volumes()) {
        each.execute(() -> logged(volume, () -> recover(volume, running)));
      }
    }
    for (VolumeId volume : VolumeDirectories.volumesIn(caches)) {
      logged(volume, () -> removeOrphanedCache(volume));
    }
  }

  private void recover(VolumeId volume, Map<Path, ProcessIdentity> running) throws IOException {
    VolumeFiles files = directories.of(volume);
    Optional<ProcessIdentity> found = Optional.ofNullable(running.get(files.log()));
    // A record that was written before its process was started names it now.
    Optional<MountRecord> record =
        MountRecord.read(files).map(known -> found.map(known::startedAs).orElse(known));
    Condition condition = inspection.of(volume, files, record, root.mounted(files.mountPoint()));
    switch (condition) {
      case SERVING, SILENT -> {
        record.orElseThrow().write(files);
        LOG.info("volume {}: took up its mount, {}", volume, condition);
      }
      case LEAVING -> {
        removal.release(files, record, Deadline.after(LEAVING));
        LOG.info("volume {}: its release is finished", volume);
      }
      case ABSENT, BROKEN -> {
        removal.takeBack(files, record, record.flatMap(MountRecord::process).or(() -> found));
        LOG.info("volume {}: removed what was left of a mount, {}", volume, condition);
      }
    }
  }

  private void removeOrphanedCache(VolumeId volume) throws IOException {
    if (!directories.volumes().contains(volume)) {
      removal.removeCache(caches.resolve(volume.value()));
    }
  }

  private static void logged(VolumeId volume, Work work) {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      LOG.error("volume {}: can't take up or remove what an earlier run left", volume, e);
    }
  }

  private interface Work {
    void run() throws IOException;
  }
}
