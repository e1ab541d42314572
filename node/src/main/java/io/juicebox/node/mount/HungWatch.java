package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.FuseConnections;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.mount.MountHealth.State;
import io.juicebox.node.proof.VolumeBackend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for processes that run and do not answer. One whose Redis answers us is at fault itself:
 * after a time it is killed, so that a successor takes its place. One that waits for its Redis is
 * left alone, since no successor could do better.
 */
final class HungWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HungWatch.class);

  /**
   * How long an answer counts for a mount in which no request waits and whose process has run since
   * the last look, as a sound juicefs does several times a second. A question wakes a process that
   * sleeps, which costs more than a second of its own doings.
   */
  private static final Duration ANSWER_COUNTS = Duration.ofMinutes(1);

  private final MountSettings settings;
  private final Kernel kernel;
  private final FuseConnections connections;
  private final BoundedCalls calls;
  private final Claims claims;
  private final KnownMounts mounts;
  private final VolumeDirectories directories;
  private final KeyFiles keys;
  private final VolumeBackend backend;
  private final Processes processes;
  private final HealthBook health;
  private final ConcurrentHashMap<VolumeId, Deadline> answered = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<VolumeId, Long> processorTimes = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<VolumeId, Long> silentSince = new ConcurrentHashMap<>();

  HungWatch(
      MountSettings settings,
      Kernel kernel,
      FuseConnections connections,
      BoundedCalls calls,
      Claims claims,
      KnownMounts mounts,
      VolumeDirectories directories,
      KeyFiles keys,
      VolumeBackend backend,
      Processes processes,
      HealthBook health) {
    this.settings = settings;
    this.kernel = kernel;
    this.connections = connections;
    this.calls = calls;
    this.claims = claims;
    this.mounts = mounts;
    this.directories = directories;
    this.keys = keys;
    this.backend = backend;
    this.processes = processes;
    this.health = health;
  }

  /**
   * Looks at all mounts at once; takes as long as the slowest answer, at most the time limit, and
   * then Redis's where that is asked.
   */
  void look() {
    List<Mount> all = mounts.list();
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      all.forEach(mount -> each.execute(() -> look(mount)));
    }
    Set<VolumeId> mounted = all.stream().map(Mount::volume).collect(Collectors.toSet());
    answered.keySet().retainAll(mounted);
    processorTimes.keySet().retainAll(mounted);
    silentSince.keySet().retainAll(mounted);
  }

  private void look(Mount mount) {
    try {
      State state = health.state(mount.volume());
      if (state == State.HUNG || (state == State.SERVING && !isKnownToAnswer(mount))) {
        ask(mount);
      }
    } catch (RuntimeException e) {
      LOG.warn("can't look after volume {}: {}", mount.volume(), e.toString());
    }
  }

  /** Not where the kernel doesn't tell what waits, or what runs. */
  private boolean isKnownToAnswer(Mount mount) {
    boolean runs = hasRun(mount);
    Deadline end = answered.get(mount.volume());
    return runs
        && end != null
        && !end.passed()
        && connections.requests(mount.device()).filter(count -> count == 0).isPresent();
  }

  /** Whether its process has run since this was asked last. */
  private boolean hasRun(Mount mount) {
    long now = ProcessIdentity.processorTime(mount.pid());
    Long before = now == 0 ? null : processorTimes.put(mount.volume(), now);
    return before != null && now > before;
  }

  private void ask(Mount mount) {
    VolumeId volume = mount.volume();
    long asked = System.nanoTime();
    try {
      var _ =
          calls.call(
              volume,
              "statfs",
              settings.filesystemTimeout(),
              () -> kernel.statfs(mount.directory()));
      silentSince.remove(volume);
      answered.put(volume, Deadline.after(ANSWER_COUNTS));
      health.note(volume, State.SERVING, "");
    } catch (Late e) {
      answered.remove(volume);
      long since = silentSince.computeIfAbsent(volume, _ -> asked);
      hung(mount, Duration.ofNanos(System.nanoTime() - since));
    } catch (KernelException e) {
      silentSince.remove(volume); // whoever sees its process end deals with that
    }
  }

  private void hung(Mount mount, Duration silent) {
    VolumeId volume = mount.volume();
    String silence =
        "juicefs %d does not answer%s"
            .formatted(
                mount.pid(),
                connections
                    .requests(mount.device())
                    .map(count -> ", " + count + " requests wait")
                    .orElse(""));
    if (health.state(volume) == State.SERVING) {
      health.note(volume, State.HUNG, silence); // before the question to Redis, which takes a while
    }
    Optional<String> waitsFor = MountRecord.read(directories.of(volume)).flatMap(this::waitsFor);
    String what = silence + waitsFor.map(it -> ": " + it).orElse("");
    if (waitsFor.isPresent() || silent.compareTo(settings.hungAfter()) < 0) {
      health.note(volume, State.HUNG, what);
    } else {
      claims.sweep(volume, "replace the juicefs", () -> replace(mount, what, silent));
    }
  }

  /** Whoever sees the process end starts its successor, which answers what waits. */
  private void replace(Mount mount, String what, Duration silent) {
    MountRecord.read(directories.of(mount.volume()))
        .flatMap(MountRecord::running)
        .filter(process -> process.pid() == mount.pid())
        .ifPresent(process -> {
          silentSince.remove(mount.volume());
          health.note(
              mount.volume(),
              State.RESTARTING,
              "%s for %d s although its Redis does: it is replaced"
                  .formatted(what, silent.toSeconds()));
          processes.kill(process);
        });
  }

  /** What is wrong with its Redis, if anything; without keys nobody can tell. */
  private Optional<String> waitsFor(MountRecord record) {
    try {
      keys.get(record.volume())
          .ifPresent(known -> {
            var _ = backend.sessions(record.context(), known);
          });
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }
}
