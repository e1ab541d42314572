package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import java.io.IOException;
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

  RestartMount(
      VolumeDirectories directories,
      Root root,
      Departure departure,
      Successor successor,
      Revivals revivals,
      KeyFiles keys) {
    this.directories = directories;
    this.root = root;
    this.departure = departure;
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
      keys.put(request.volume(), request.backend());
      LOG.info("volume {}: its keys have changed: {}", request.volume(), run(request, files, due));
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
    try {
      return successor.restart(request, files, record, running.get());
    } catch (IOException | RuntimeException e) {
      revivals.ended(record.volume(), running.get()); // as one that ended by itself
      throw e;
    }
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
