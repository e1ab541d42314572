package io.juicebox.node;

import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.log.CallLog;
import io.juicebox.csi.ops.Metrics;
import io.juicebox.csi.ops.OpsServer;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.server.CsiServer;
import io.juicebox.csi.status.StatusInterceptor;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.kernel.PrivateDirectory;
import io.juicebox.node.kernel.StateLock;
import io.juicebox.node.mount.Mounts;
import io.juicebox.node.mount.SessionHost;
import io.juicebox.node.proof.RemoteBackend;
import io.juicebox.node.publish.Publications;
import io.juicebox.node.publish.PublishVolume;
import io.juicebox.node.publish.RootGroup;
import io.juicebox.node.publish.StalePublications;
import io.juicebox.node.publish.Targets;
import io.juicebox.node.publish.UnpublishVolume;
import io.juicebox.node.publish.UnusedMounts;
import io.juicebox.node.publish.VolumeStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the node program, put together. */
final class NodeProgram {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProgram.class);
  private static final Duration CLAIM_PATIENCE = Duration.ofSeconds(2);
  private static final Duration SWEEP = Duration.ofMinutes(1);

  /** How long a call waits for a mount to write everything and end. */
  private static final Duration RELEASE = Duration.ofSeconds(8);

  /** Calls under way may take this long to end after SIGTERM; the CO repeats what is cut off. */
  private static final Duration DRAIN = Duration.ofSeconds(10);

  /** How many volumes may hang before looks at others are refused. */
  private static final int FILESYSTEM_THREADS = 16;

  private static final int TARGET_THREADS = 4;

  private final NodeSettings settings;
  private final List<StateLock> locks = new ArrayList<>();
  private final MountSource source;
  private final RemoteBackend backend;
  private final UnusedMounts unused;
  private final StalePublications stale;
  private final HealthWatch health;
  private final OpsServer operations;
  private final CsiServer server;
  private final Optional<Registration> registration;
  private final AtomicBoolean started = new AtomicBoolean();
  private final ScheduledExecutorService sweeps =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("sweep-", 0).factory());

  NodeProgram(NodeSettings settings, Map<String, String> environment) throws IOException {
    this.settings = settings;
    Path state = PrivateDirectory.make(settings.stateDirectory());
    if (settings.ownFolder().isPresent()) {
      var _ = PrivateDirectory.make(settings.ownFolder().get());
    }
    locks.add(StateLock.take(state, StateLock.Kind.PLUGIN));
    if (settings.mountService().isEmpty()) {
      locks.add(StateLock.take(state, StateLock.Kind.MOUNTS));
    }
    Duration timeout = settings.filesystemTimeout();
    var steps = Steps.from(environment);
    var claims = new Claims(CLAIM_PATIENCE);
    var kernel = new LinuxKernel();
    var calls = new BoundedCalls(FILESYSTEM_THREADS);
    var looks = new BoundedCalls(TARGET_THREADS);
    var publications = new Publications(state.resolve("publications"));
    var targets =
        new Targets(
            kernel,
            looks,
            publications,
            settings.kubelet(),
            List.of(state, settings.cacheDirectory()),
            timeout);
    this.backend = new RemoteBackend(settings.backendTimeout());
    this.source =
        settings
            .mountService()
            .<MountSource>map(sockets -> new ServiceMounts(sockets, state, kernel))
            .orElseGet(() -> new OwnMounts(settings, state, kernel, calls, backend, steps));
    Mounts mounts = source.mounts();
    this.unused = new UnusedMounts(claims, kernel, mounts, RELEASE);
    this.stale = new StalePublications(claims, targets, publications, Clock.systemUTC());
    this.health = new HealthWatch(kernel, calls, mounts, timeout, Clock.systemUTC());
    var publish =
        new PublishVolume(
            SessionHost.of(settings.nodeId()).name(),
            claims,
            kernel,
            mounts,
            backend,
            targets,
            publications,
            unused,
            new RootGroup(calls, timeout),
            steps);
    var unpublish =
        new UnpublishVolume(
            claims, kernel, calls, mounts, targets, publications, unused, timeout, steps);
    var service =
        new NodeService(
            settings.nodeId(),
            settings.maxVolumes().orElseGet(NodeCapacity::ofThisNode),
            settings.mountTimeout(),
            settings.credentials(),
            publish,
            unpublish,
            new VolumeStats(kernel, calls, mounts, targets, timeout),
            health);
    var identity = new IdentityService(Map.of("program", "node"), () -> true);
    var metrics = new Metrics();
    NodeMetrics.register(metrics.registry(), mounts, unused, health, calls);
    metrics.beforeScrape(new VolumeMetrics(metrics.registry(), unused, health)::refresh);
    this.registration = settings.registration().map(it -> new Registration(it, this::later));
    registration.ifPresent(it -> it.register(metrics.registry()));
    this.operations = new OpsServer(settings.operations(), metrics, this::unready);
    this.server =
        new CsiServer(
            settings.endpoint(),
            List.of(new CallLog(metrics), new StatusInterceptor()),
            List.of(identity, service));
  }

  /** Serves until it is drained. */
  void run() throws IOException, InterruptedException {
    operations.start();
    source.start(health);
    server.start();
    if (registration.isPresent()) {
      registration.get().start();
    }
    started.set(true);
    LOG.info("node {} serves {}", settings.nodeId(), settings.endpoint());
    var _ = sweeps.scheduleWithFixedDelay(this::sweep, 0, SWEEP.toSeconds(), TimeUnit.SECONDS);
    server.awaitEnd();
    sweeps.shutdownNow();
    backend.close();
    source.close();
    operations.close();
    for (StateLock lock : locks) {
      lock.close();
    }
  }

  /** Lets the calls under way end, and {@link #run} with them. */
  void drain() {
    LOG.info("ending: no new calls; mounts stay");
    try {
      if (registration.isPresent()) {
        registration.get().stop();
      }
      server.drain(DRAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String unready() {
    return started.get()
        ? source.unready() + registration.map(Registration::unready).orElse("")
        : "the mounts of an earlier run are being taken up\n";
  }

  private void later(Duration after, Runnable work) {
    var _ = sweeps.schedule(work, after.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void sweep() {
    try {
      unused.sweep();
      stale.sweep();
      health.checkAll();
    } catch (RuntimeException e) {
      LOG.error("the look at all mounts failed", e); // the next one may succeed
    }
  }
}
