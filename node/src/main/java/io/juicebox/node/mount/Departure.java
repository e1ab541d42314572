package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.FuseConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a juicefs process leave so that its successor goes on without an error (JuiceFS 1.4.2,
 * cmd/mount_unix.go: SIGHUP). It writes what is not written, puts open files into a file and exits.
 *
 * <p>JuiceFS gives that file a name of its parent's pid, the same for all processes of this
 * program: so one leaves at a time, and nobody does while one has not said whether it will.
 */
final class Departure {
  private static final Logger LOG = LoggerFactory.getLogger(Departure.class);
  private static final Path PLACE = Path.of("/tmp");
  private static final Duration LOOK = Duration.ofMillis(2);

  /** JuiceFS waits 10 s for the requests that it has; most processes leave within 0.1 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /**
   * For a moment in which nobody waits for an answer. A mount in use has many of them each second,
   * and none while a program waits for a lock: JuiceFS would serve nothing for ten seconds, and
   * then stay.
   */
  private static final Duration REST = Duration.ofSeconds(1);

  /** Which refusal in a row of a mount that is never at rest is the last. */
  private static final int LAST_REFUSAL = 3;

  /** What JuiceFS logs when it stays. */
  private static final String STAYS = "don't restart";

  private final Processes processes;
  private final FuseConnections connections;
  private final ConcurrentHashMap<VolumeId, Integer> refusals = new ConcurrentHashMap<>();
  private final ReentrantLock oneAtATime = new ReentrantLock();

  /** Those that were asked and have said nothing yet; guarded by the lock. */
  private final ConcurrentHashMap<VolumeId, Undecided> undecided = new ConcurrentHashMap<>();

  private record Undecided(ProcessIdentity process, LogFile log, long logStart) {
    boolean isDecided() {
      return !process.isRunning() || log.contains(STAYS, logStart);
    }
  }

  Departure(Processes processes, FuseConnections connections) {
    this.processes = processes;
    this.connections = connections;
  }

  /**
   * As {@link #leave}, but one in which requests wait all the time is left alone, and stays due:
   * until it has been so several times in a row, since it may be no lock, but a mount that never
   * rests.
   *
   * @return why it stays; empty when it has left
   */
  Optional<String> leaveAtRest(MountRecord record, ProcessIdentity process, VolumeFiles files)
      throws IOException {
    VolumeId volume = record.volume();
    if (!awaitRest(record) && refusals.merge(volume, 1, Integer::sum) <= LAST_REFUSAL) {
      record.staying().write(files);
      return Optional.of("requests wait in it all the time: for a lock, or it is never at rest");
    }
    refusals.remove(volume);
    return leave(record, process, files);
  }

  /** It was released. */
  void forget(VolumeId volume) {
    refusals.remove(volume);
  }

  /** Whether there was a moment of rest, as far as the kernel tells. */
  private boolean awaitRest(MountRecord record) {
    Deadline end = Deadline.after(REST);
    while (record.device().flatMap(connections::requests).orElse(0L) > 0) {
      if (end.passed()) {
        return false;
      }
      Pause.of(LOOK);
    }
    return true;
  }

  /**
   * Asks the process to leave and waits. When it has left, its state is at {@link
   * VolumeFiles#state} and the record says so; a kill in between is repaired by {@link #collect}.
   *
   * @return why it stays; empty when it has left
   */
  Optional<String> leave(MountRecord record, ProcessIdentity process, VolumeFiles files)
      throws IOException {
    oneAtATime.lock();
    try {
      undecided.values().removeIf(Undecided::isDecided);
      Optional<VolumeId> other = undecided.keySet().stream().findFirst();
      return other.isPresent()
          ? other.map("volume %s was asked to leave and has not answered yet"::formatted)
          : leaveAlone(record, process, files);
    } finally {
      oneAtATime.unlock();
    }
  }

  private Optional<String> leaveAlone(
      MountRecord record, ProcessIdentity process, VolumeFiles files) throws IOException {
    Optional<Long> parent = process.parent();
    if (parent.isEmpty()) {
      return Optional.of("its juicefs has just ended");
    }
    Path left = PLACE.resolve("state" + parent.get() + ".json");
    Files.deleteIfExists(left);
    files.removeStates();
    record.leaving(left).write(files);
    var log = new LogFile(files.log());
    var asked = new Undecided(process, log, log.size());
    processes.askToLeave(process);
    Deadline end = Deadline.after(PATIENCE);
    while (process.isRunning()) {
      if (asked.isDecided() && process.isRunning()) {
        record.staying().write(files);
        return Optional.of("a program waits in it, for a lock or for its backend");
      }
      if (end.passed()) {
        undecided.put(record.volume(), asked);
        return Optional.of("it has not answered within " + PATIENCE.toSeconds() + " s");
      }
      Pause.of(LOOK);
    }
    collect(record.leaving(left), files);
    return Optional.empty();
  }

  /**
   * Brings what a process has left to its place beside the mount, when there is anything. May be
   * called again.
   *
   * @return whether a successor can go on without an error
   */
  static boolean collect(MountRecord record, VolumeFiles files) throws IOException {
    if (record.state().isEmpty() || record.session().isEmpty()) {
      return false;
    }
    Path left = record.state().get();
    if (!left.equals(files.state()) && Files.exists(left)) {
      Files.move(left, files.state(), StandardCopyOption.REPLACE_EXISTING);
      record.leaving(files.state()).write(files);
    }
    boolean there = Files.exists(files.state());
    if (!there) {
      LOG.warn("volume {}: its juicefs left in order, and nothing of its state", record.volume());
    }
    return there;
  }
}
