package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.cgroup.VolumeCgroups;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.descriptor.DescriptorKeeper;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.FuseConnections;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.proof.VolumeBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mounts of a node whose own program starts the juicefs processes. They live on when the
 * program ends; {@link #recover} takes them up again.
 */
public final class InProcessMounts implements MountService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InProcessMounts.class);
  private static final Duration CLAIM_PATIENCE = Duration.ofSeconds(2);
  private static final Duration LOOKS = Duration.ofSeconds(4);
  private static final Duration RECONCILIATIONS = Duration.ofMinutes(1);

  private final VolumeDirectories directories;
  private final KnownMounts known;
  private final Claims claims = new Claims(CLAIM_PATIENCE);
  private final HealthBook health = new HealthBook(Clock.systemUTC());
  private final Processes processes;
  private final DescriptorKeeper descriptors;
  private final VolumeCgroups cgroups;
  private final Departure departure;
  private final Removal removal;
  private final Revivals revivals;
  private final Recovery recovery;
  private final Reconciliation reconciliation;
  private final EnsureMount ensure;
  private final RestartMount restart;
  private final HungWatch hungWatch;
  private final LogKeeper logKeeper;
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("mounts-", 0).factory());
  private volatile boolean handingOver;

  /**
   * @param calls for looks at mounts
   * @param copies the socket where a holder of second copies of the mounts' descriptors connects;
   *     without it there are none
   */
  public InProcessMounts(
      MountSettings settings,
      Kernel kernel,
      BoundedCalls calls,
      Optional<Path> copies,
      VolumeBackend backend,
      Steps steps) {
    var placeholder = new Placeholder(kernel);
    var host = SessionHost.of(settings.nodeId());
    this.directories = VolumeDirectories.under(settings.stateDir());
    this.known = new KnownMounts(directories, kernel);
    this.processes = new Processes(kernel, host);
    this.descriptors = new DescriptorKeeper(copies);
    this.cgroups = VolumeCgroups.ofThisProcess(settings.owner());
    var keys = new KeyFiles(settings.runDir());
    var root = new Root(kernel, calls);
    var inspection = new Inspection(root, descriptors, settings.filesystemTimeout());
    var belongings = new Belongings(descriptors, cgroups, keys, this::watch);
    var deadSessions = new DeadSessions(backend, host);
    var launch = new Launch(settings, processes, belongings, root, backend, steps);
    var start = new Start(settings, placeholder, deadSessions, launch, steps);
    var connections = new FuseConnections();
    this.departure = new Departure(processes, connections);
    var successor = new Successor(kernel, descriptors, processes, deadSessions, departure, launch);
    this.removal =
        new Removal(kernel, root, processes, placeholder, belongings, keys, deadSessions, steps);
    this.revivals =
        new Revivals(
            claims,
            directories,
            root,
            successor,
            keys,
            belongings,
            new Causes(cgroups, processes),
            health,
            settings.reviveFor());
    this.restart =
        new RestartMount(
            directories, root, departure, successor, revivals, keys, backend, processes);
    this.recovery =
        new Recovery(
            directories,
            claims,
            processes,
            descriptors,
            belongings,
            root,
            inspection,
            removal,
            revivals,
            health);
    this.reconciliation =
        new Reconciliation(
            kernel,
            directories,
            settings.cacheDir(),
            claims,
            processes,
            descriptors,
            belongings,
            placeholder,
            keys,
            root,
            removal,
            revivals,
            restart);
    this.ensure =
        new EnsureMount(
            directories,
            known,
            root,
            inspection,
            start,
            removal,
            revivals,
            reconciliation,
            keys,
            health,
            settings.filesystemTimeout());
    this.hungWatch =
        new HungWatch(
            settings,
            kernel,
            connections,
            calls,
            claims,
            known,
            directories,
            keys,
            backend,
            processes,
            health);
    this.logKeeper = new LogKeeper(directories);
  }

  /**
   * Takes up what an earlier run of the program left: mounts that answer, or may answer again,
   * stay, all else of ours goes, caches without a mount a little later. Call it once, before any of
   * the other calls; it takes as long as the slowest mount needs to answer, at most the filesystem
   * timeout.
   */
  public void recover() {
    recovery.run();
    logKeeper.start();
    repeat("look at all mounts", LOOKS, LOOKS, hungWatch::look);
    repeat("reconciliation", Duration.ZERO, RECONCILIATIONS, reconciliation::run);
  }

  @Override
  public Mount ensure(MountRequest request) {
    return alone(request.volume(), "mount", () -> ensure.run(request));
  }

  @Override
  public void renew(MountRequest request) {
    if (isToBeRenewed(request)) {
      var _ =
          alone(
              request.volume(),
              "hand new keys to",
              () -> {
                if (isToBeRenewed(request)) { // else another call has done it
                  restart.renew(request);
                }
                return request;
              });
    }
  }

  private boolean isToBeRenewed(MountRequest request) {
    return restart.wouldDiffer(request) || restart.isCutOff(request);
  }

  @Override
  public Restart restart(VolumeId volume, Deadline deadline) {
    return alone(volume, "restart", () -> restart.run(volume, deadline));
  }

  @Override
  public void handOver(Deadline deadline) {
    handingOver = true;
    revivals.close();
    timer.shutdownNow();
    for (Mount mount : list()) {
      VolumeId volume = mount.volume();
      try (var _ = claims.claim(volume.value(), deadline.remaining())) {
        if (deadline.passed()) {
          LOG.warn("volume {} is not handed over: the time has passed", volume);
        } else {
          restart.leave(volume);
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("volume {} is not handed over: {}", volume, e.toString());
      }
    }
  }

  @Override
  public Map<VolumeId, MountHealth> health() {
    return health.all();
  }

  @Override
  public Watch watch(Consumer<MountHealth> listener) {
    return health.watch(listener);
  }

  @Override
  public Optional<Mount> find(VolumeId volume) {
    return known.find(volume);
  }

  @Override
  public List<Mount> list() {
    return known.list();
  }

  @Override
  public List<VolumeId> remains() {
    return known.remains();
  }

  @Override
  public Path mountPoint(VolumeId volume) {
    return known.mountPoint(volume);
  }

  @Override
  public void release(VolumeId volume, Deadline deadline) {
    VolumeFiles files = directories.of(volume);
    var _ =
        alone(
            volume,
            "release",
            () -> {
              removal.release(files, MountRecord.read(files), deadline);
              forget(volume);
              return volume;
            });
  }

  /** Stops what runs beside the calls; mounts stay as long as their processes, or copies, do. */
  @Override
  public void close() {
    timer.shutdownNow();
    revivals.close();
    logKeeper.close();
    processes.close();
    descriptors.close();
    cgroups.close();
  }

  private void forget(VolumeId volume) {
    revivals.forget(volume);
    departure.forget(volume);
    health.forget(volume);
  }

  private void watch(VolumeId volume, ProcessIdentity process) {
    descriptors.watch(process.pid(), () -> revivals.ended(volume, process));
  }

  private void repeat(String what, Duration first, Duration pause, Runnable work) {
    Runnable logged =
        () -> {
          try {
            work.run();
          } catch (RuntimeException e) {
            LOG.error("the {} failed", what, e); // the next one may succeed
          }
        };
    var _ =
        timer.scheduleWithFixedDelay(
            logged, first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One call at a time per volume; a file or a system call that fails ends it as Failed. */
  private <T> T alone(VolumeId volume, String what, Work<T> work) {
    if (handingOver) {
      throw new BackendUnavailable("the mount service", "it hands over to its successor", null);
    }
    try (var _ = claims.claim(volume.value())) {
      return work.run();
    } catch (IOException | UncheckedIOException | KernelException e) {
      throw new Failed("can't %s volume %s on this node: %s".formatted(what, volume, e), e);
    }
  }

  private interface Work<T> {
    T run() throws IOException;
  }
}
