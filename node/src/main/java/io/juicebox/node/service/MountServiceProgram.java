package io.juicebox.node.service;

import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsCheck;
import io.juicebox.csi.juicefs.JuicefsVersion;
import io.juicebox.csi.log.CallLog;
import io.juicebox.csi.ops.Metrics;
import io.juicebox.csi.ops.OpsServer;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.server.CsiServer;
import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.status.StatusInterceptor;
import io.juicebox.node.cgroup.Autogroup;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.kernel.PrivateDirectory;
import io.juicebox.node.kernel.StateLock;
import io.juicebox.node.mount.InProcessMounts;
import io.juicebox.node.proof.RemoteBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the mount service, put together. */
final class MountServiceProgram {
  private static final Logger LOG = LoggerFactory.getLogger(MountServiceProgram.class);

  /** Calls under way may take this long to end after SIGTERM; clients repeat what is cut off. */
  private static final Duration DRAIN = Duration.ofSeconds(10);

  /** After a hand-over every call that changes something is refused. */
  private static final Duration DRAIN_OF_NOTHING = Duration.ofSeconds(1);

  /** How many volumes may hang before looks at others are refused. */
  private static final int FILESYSTEM_THREADS = 16;

  private final MountServiceSettings settings;
  private final StateLock lock;
  private final RemoteBackend backend;
  private final BoundedCalls calls = new BoundedCalls(FILESYSTEM_THREADS);
  private final InProcessMounts mounts;
  private final Optional<HandOver> handOver;
  private final JuicefsCheck juicefs;
  private final MountCalls service;
  private final OpsServer operations;
  private final CsiServer server;
  private final AtomicBoolean started = new AtomicBoolean();

  MountServiceProgram(MountServiceSettings settings, Map<String, String> environment)
      throws IOException {
    this.settings = settings;
    this.lock = StateLock.take(settings.mounts().stateDir(), StateLock.Kind.MOUNTS);
    var kernel = new LinuxKernel();
    this.backend = new RemoteBackend(settings.backendTimeout());
    kernel.showFuseConnections();
    Autogroup.raiseOwn();
    var _ = PrivateDirectory.make(settings.sockets().directory());
    this.mounts =
        new InProcessMounts(
            settings.mounts(),
            kernel,
            calls,
            Optional.of(settings.sockets().descriptors()),
            backend,
            Steps.from(environment));
    this.handOver =
        settings.handOver()
            ? Optional.of(new HandOver(kernel, mounts, settings.gracePeriod()))
            : Optional.empty();
    this.juicefs = new JuicefsCheck(new Juicefs(Path.of(settings.mounts().juicefs())));
    this.service = new MountCalls(mounts, this::version);
    var metrics = new Metrics();
    MountServiceMetrics.register(metrics.registry(), mounts, calls);
    this.operations = new OpsServer(settings.operations(), metrics, this::unready);
    this.server =
        new CsiServer(
            new Endpoint(settings.sockets().calls()),
            List.of(new CallLog(metrics), new StatusInterceptor()),
            List.of(service));
  }

  /** Serves until it is ended. */
  void run() throws IOException, InterruptedException {
    operations.start();
    mounts.recover();
    server.start();
    started.set(true);
    LOG.info(
        "the mount service of {} serves {}",
        settings.mounts().nodeId(),
        settings.sockets().calls());
    Thread.ofVirtual().name("juicefs-check").start(juicefs::report);
    server.awaitEnd();
    mounts.close();
    calls.close();
    backend.close();
    operations.close();
    lock.close();
  }

  /**
   * Hands over where that is set; then lets the calls under way end, and {@link #run} with them.
   */
  void end() {
    try {
      if (handOver.isPresent()) {
        LOG.info("ending: serving until no volume is used or the grace period is nearly over");
        handOver.get().run();
      } else {
        LOG.info("ending: no new calls; mounts stay");
      }
      service.endWatches();
      server.drain(handOver.isPresent() ? DRAIN_OF_NOTHING : DRAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String unready() {
    return started.get() ? juicefs.unready() : "the mounts of an earlier run are being taken up\n";
  }

  private ServiceVersion version() {
    String problem = juicefs.unready();
    return new ServiceVersion(
        ServiceVersion.CONTRACT,
        IdentityService.version(),
        juicefs.version().map(JuicefsVersion::toString).orElse(""),
        problem);
  }
}
