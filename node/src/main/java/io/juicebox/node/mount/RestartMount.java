package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.proof.VolumeBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces processes that serve, or has them leave for a successor of this program. */
final class RestartMount {
  private static final Logger LOG = LoggerFactory.getLogger(RestartMount.class);

  private final VolumeDirectories directories;
  private final Root root;
  private final Departure departure;
  private final Successor successor;
  private final Revivals revivals;
  private final KeyFiles keys;
  private final VolumeBackend backend;
  private final Processes processes;

  RestartMount(
      VolumeDirectories directories,
      Root root,
      Departure departure,
      Successor successor,
      Revivals revivals,
      KeyFiles keys,
      VolumeBackend backend,
      Processes processes) {
    this.directories = directories;
    this.root = root;
    this.departure = departure;
    this.backend = backend;
    this.processes = processes;
    this.successor = successor;
    this.revivals = revivals;
    this.keys = keys;
  }

  /** Whether a process would be started with other keys than a request's. */
  boolean wouldDiffer(MountRequest request) {
    return keys.get(request.volume()).filter(request.backend()::equals).isEmpty();
  }

  /** With the keys of the request from now on. */
  void renew(MountRequest request) throws IOException {
    VolumeFiles files = directories.of(request.volume());
    Optional<MountRecord> record = MountRecord.read(files);
    if (record.isPresent()) {
      MountRecord due = record.get().due();
      due.write(files); // first: one that is killed here restarts a process for nothing
      keys.putNext(request.volume(), request.backend());
      Restart restart = run(request, files, due);
      LOG.info("volume {}: its keys have changed: {}", request.volume(), restart);
    }
  }

  /**
   * Whether the process has keys that are refused, and other ones are there. It can't write what it
   * has not written, and so it can't leave in order.
   */
  boolean isCutOff(MountRequest request) {
    return keys.former(request.volume())
        .filter(request.backend()::sameServers)
        .filter(former -> isRefused(request, former))
        .isPresent();
  }

  private boolean isRefused(MountRequest request, BackendConnection former) {
    try {
      var _ = backend.prove(request.context(), former).sessions();
      return false;
    } catch (Unauthenticated e) {
      return true;
    } catch (DriverException e) {
      return false; // its server is away, say
    }
  }

  Restart run(VolumeId volume, Deadline deadline) throws IOException {
    VolumeFiles files = directories.of(volume);
    Optional<MountRecord> record = MountRecord.read(files);
    if (record.isEmpty() || root.mounted(files.mountPoint()).isEmpty()) {
      return new Restart.NotMounted();
    }
    return run(record.get().request(keysOf(volume), deadline), files, record.get());
  }

  /** As {@link #run(VolumeId, Deadline)}, for the reconciliation when a restart is due. */
  Restart run(MountRequest request, VolumeFiles files, MountRecord record) throws IOException {
    Optional<ProcessIdentity> running = record.running();
    if (running.isEmpty()) {
      return new Restart.NotMounted();
    }
    if (record.outdated() && isCutOff(request)) {
      return replaceCutOff(request, files, record, running.get());
    }
    try {
      return successor.restart(request, files, record, running.get());
    } catch (IOException | RuntimeException e) {
      revivals.ended(record.volume(), running.get()); // as one that ended by itself
      throw e;
    }
  }

  private Restart replaceCutOff(
      MountRequest request, VolumeFiles files, MountRecord record, ProcessIdentity running)
      throws IOException {
    LOG.warn("volume {}: the keys of its juicefs work no more: replaced", record.volume());
    long begun = System.nanoTime();
    processes.kill(running);
    revivals.now(request, record, files);
    return new Restart.Restarted(Duration.ofNanos(System.nanoTime() - begun));
  }

  /** Has the process leave, and nobody take its place here. */
  void leave(VolumeId volume) throws IOException {
    VolumeFiles files = directories.of(volume);
    Optional<MountRecord> record = MountRecord.read(files);
    Optional<ProcessIdentity> running = record.flatMap(MountRecord::running);
    if (running.isPresent()) {
      departure
          .leave(record.orElseThrow(), running.get(), files)
          .ifPresentOrElse(
              why -> LOG.warn("volume {} is not handed over: {}", volume, why),
              () -> LOG.info("volume {} is handed over", volume));
    }
  }

  private BackendConnection keysOf(VolumeId volume) {
    return keys.get(volume)
        .orElseThrow(() ->
            new Failed(
                "the keys of volume %s are not known here until it is published again"
                    .formatted(volume)));
  }
}
