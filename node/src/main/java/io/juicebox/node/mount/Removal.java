package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Errno;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a mount and all that belongs to it away. Each step tolerates that it was done before, and
 * the record goes last, so that whoever comes after a crash knows what is left.
 */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private static final Duration LOOK = Duration.ofMillis(5);

  /** For whoever has the mount itself open, which no publication's user does. */
  private static final Duration BUSY_PATIENCE = Duration.ofSeconds(2);

  /**
   * For a process to write what it has and close its session once its mount is gone, however many
   * calls wait for it. What applications closed or synced was written before.
   */
  private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(20);

  /** For a process that serves nobody, or has had its time, to obey a signal. */
  private static final Duration SIGNAL_PATIENCE = Duration.ofSeconds(2);

  private final Kernel kernel;
  private final Root root;
  private final Processes processes;
  private final Placeholder placeholder;
  private final Belongings belongings;
  private final KeyFiles keys;
  private final DeadSessions deadSessions;
  private final Steps steps;

  /** When those that are unmounted and write have had their time. */
  private final ConcurrentHashMap<ProcessIdentity, Deadline> leaving = new ConcurrentHashMap<>();

  Removal(
      Kernel kernel,
      Root root,
      Processes processes,
      Placeholder placeholder,
      Belongings belongings,
      KeyFiles keys,
      DeadSessions deadSessions,
      Steps steps) {
    this.kernel = kernel;
    this.root = root;
    this.processes = processes;
    this.placeholder = placeholder;
    this.belongings = belongings;
    this.keys = keys;
    this.deadSessions = deadSessions;
    this.steps = steps;
  }

  /**
   * Removes a mount in use until now: its process gets time to write everything.
   *
   * @throws BackendUnavailable when the process has not ended by the deadline; it goes on, and the
   *     rest is left for the next call
   */
  void release(VolumeFiles files, Optional<MountRecord> record, Deadline deadline)
      throws IOException {
    Optional<ProcessIdentity> process = record.flatMap(MountRecord::running);
    if (process.isEmpty()) {
      belongings.dropDescriptor(files.volume()); // nobody will answer those who wait
    }
    unmount(files.mountPoint(), Deadline.after(deadline.remaining(BUSY_PATIENCE)));
    steps.reached(NodeStep.UNMOUNTED);
    if (process.isPresent() && !flush(process.get(), files, deadline)) {
      releaseSession(record.orElseThrow(), files);
    }
    steps.reached(NodeStep.PROCESS_ENDED);
    removeFiles(files, record);
  }

  /**
   * @return whether the process has ended in order, with its session closed
   */
  private boolean flush(ProcessIdentity process, VolumeFiles files, Deadline deadline) {
    Deadline end = leaving.computeIfAbsent(process, _ -> Deadline.after(FLUSH_PATIENCE));
    Duration patience = deadline.remaining(end.remaining());
    boolean inOrder = hasEnded(process, files, patience);
    if (!inOrder) {
      if (!end.passed()) {
        throw new BackendUnavailable(
            "Redis or the object store",
            ("juicefs %d, unmounted from %s, has not written everything and ended within %d ms;"
                    + " it goes on, call again")
                .formatted(process.pid(), files.mountPoint(), patience.toMillis()),
            null);
      }
      LOG.warn(
          "juicefs {}, unmounted from {}, did not end within {}: it is ended,"
              + " and data that no application synced or closed may be lost",
          process.pid(),
          files.mountPoint(),
          FLUSH_PATIENCE);
      processes.end(process, SIGNAL_PATIENCE);
    }
    leaving.remove(process);
    return inOrder;
  }

  /** Else the volume could neither be deleted nor used on another node for a minute. */
  private void releaseSession(MountRecord record, VolumeFiles files) {
    Optional<BackendConnection> known = keys.get(record.volume());
    if (known.isPresent() && record.session().isPresent()) {
      deadSessions.begin(
          record.request(known.get(), Deadline.after(Duration.ZERO)),
          record.session().getAsLong(),
          files.mountPoint());
    }
  }

  /**
   * Removes a mount that never served, or can't any more: nobody's data waits in its process.
   *
   * @throws Late when the process can't be killed; the rest is left for the next call
   */
  void takeBack(VolumeFiles files, Optional<MountRecord> record) throws IOException {
    takeBack(files, record, record.flatMap(MountRecord::process));
  }

  /** As {@link #takeBack(VolumeFiles, Optional)}, with a process that no record may name. */
  void takeBack(VolumeFiles files, Optional<MountRecord> record, Optional<ProcessIdentity> process)
      throws IOException {
    // One that was mounted ends by itself, and closes its session; one that was not waits for
    // Redis.
    Duration patience =
        root.mounted(files.mountPoint()).isPresent() ? SIGNAL_PATIENCE : Duration.ZERO;
    Optional<ProcessIdentity> running = process.filter(ProcessIdentity::isRunning);
    if (running.isEmpty()) {
      belongings.dropDescriptor(files.volume());
    }
    unmount(files.mountPoint(), Deadline.after(Duration.ZERO));
    if (running.isPresent() && !hasEnded(running.get(), files, patience)) {
      processes.end(running.get(), SIGNAL_PATIENCE);
    }
    removeFiles(files, record);
  }

  /** Waits for a process to end once it is unmounted; one that was just started may mount yet. */
  private boolean hasEnded(ProcessIdentity process, VolumeFiles files, Duration patience) {
    Deadline end = Deadline.after(patience);
    while (process.isRunning()) {
      if (end.passed()) {
        return false;
      }
      unmount(files.mountPoint(), Deadline.after(Duration.ZERO));
      Pause.of(LOOK);
    }
    return true;
  }

  private void unmount(Path mountPoint, Deadline patience) {
    while (root.mounted(mountPoint).isPresent()) {
      try {
        kernel.unmount(mountPoint);
      } catch (KernelException e) {
        if (root.mounted(mountPoint).isEmpty()) {
          return; // juicefs was quicker: it unmounts itself when a signal ends it
        }
        if (!e.errno().equals(Errno.EBUSY)) {
          throw e;
        }
        if (patience.passed()) {
          LOG.warn("{} is in use and detached: its users keep it until they end", mountPoint);
          kernel.detach(mountPoint);
        } else {
          Pause.of(LOOK);
        }
      }
    }
  }

  void removeCache(Path cache) throws IOException {
    new CacheDirectory(cache).remove(kernel.mounts());
  }

  private void removeFiles(VolumeFiles files, Optional<MountRecord> record) throws IOException {
    belongings.remove(files.volume());
    placeholder.remove(files.mountPoint());
    steps.reached(NodeStep.DIRECTORY_REMOVED);
    Optional<Path> cache = record.map(MountRecord::cache).or(files::linkedCache);
    if (cache.isPresent()) {
      removeCache(cache.get());
    }
    steps.reached(NodeStep.CACHE_REMOVED);
    files.remove();
    steps.reached(NodeStep.FORGOTTEN);
  }
}
