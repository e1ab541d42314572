package io.juicebox.controller;

import io.juicebox.controller.collector.Collector;
import io.juicebox.controller.collector.SweepNow;
import io.juicebox.controller.credential.AccountPool;
import io.juicebox.controller.credential.CredentialStore;
import io.juicebox.controller.credential.Issuance;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.kube.Cluster;
import io.juicebox.controller.volume.AvailableCapacity;
import io.juicebox.controller.volume.Backends;
import io.juicebox.controller.volume.Census;
import io.juicebox.controller.volume.CheckHealth;
import io.juicebox.controller.volume.CopyFiles;
import io.juicebox.controller.volume.Copying;
import io.juicebox.controller.volume.CreateSnapshot;
import io.juicebox.controller.volume.CreateVolume;
import io.juicebox.controller.volume.DeleteSnapshot;
import io.juicebox.controller.volume.DeleteVolume;
import io.juicebox.controller.volume.ExpandVolume;
import io.juicebox.controller.volume.FailureReports;
import io.juicebox.controller.volume.Removal;
import io.juicebox.controller.volume.RotateCredentials;
import io.juicebox.controller.volume.SnapshotDirectory;
import io.juicebox.controller.volume.Sweeper;
import io.juicebox.controller.volume.ValidateCapabilities;
import io.juicebox.controller.volume.VolumeDirectory;
import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.log.CallLog;
import io.juicebox.csi.log.Logging;
import io.juicebox.csi.ops.Metrics;
import io.juicebox.csi.ops.OpsServer;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.server.CsiServer;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.csi.status.StatusInterceptor;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller program. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  /** The longest a call may still take after SIGTERM. */
  private static final Duration DRAIN = Duration.ofSeconds(20);

  private Main() {}

  /** Serves, or does what its arguments say; without any it needs no parser of them. */
  public static void main(String[] arguments) throws InterruptedException {
    Logging.install();
    CoreDumps.empty();
    System.exit(
        arguments.length == 0
            ? serve(System.getenv())
            : ControllerCommand.line(System.getenv()).execute(arguments));
  }

  /**
   * Serves until SIGTERM.
   *
   * @return the exit code: 2 where the settings are wrong, 1 if it can't listen
   */
  static int serve(Map<String, String> environment) throws InterruptedException {
    try {
      run(environment);
      return 0;
    } catch (InvalidSettings e) {
      LOG.error("{}", e.getMessage());
      return 2;
    } catch (IOException e) {
      LOG.error("the controller can't listen: {}", e.toString());
      return 1;
    }
  }

  /** What gives the volumes of each backend other credentials. */
  static List<RotateCredentials> rotations(ControllerSettings settings, Steps steps) {
    var connections = Connections.open(settings);
    var issuance = issuance(settings, connections, steps);
    return connections.stream()
        .flatMap(each ->
            Optional.ofNullable(issuance.get(each)).stream()
                .map(it ->
                    new RotateCredentials(each.backend(settings, Optional.of(it)), it.rotation())))
        .toList();
  }

  /** What sweeps the lineages of each backend when an operator says so. */
  static List<SweepNow> sweeps(ControllerSettings settings, Steps steps) {
    return Connections.open(settings).stream().map(each -> each.sweepNow(settings, steps)).toList();
  }

  private static void run(Map<String, String> environment)
      throws IOException, InterruptedException {
    var settings = ControllerSettings.from(environment);
    var steps = Steps.from(environment);
    var connections = Connections.open(settings);
    var surroundings = new Surroundings(connections, settings);
    var issuance = issuance(settings, connections, steps);
    var backends =
        new Backends(
            connections.stream()
                .map(each -> each.backend(settings, Optional.ofNullable(issuance.get(each))))
                .toList());
    var volumes = new VolumeDirectory(backends);
    var census = new Census(volumes, settings.volumeMetrics(), settings.sweepInterval());
    var metrics = new Metrics();
    issuance.forEach((each, it) ->
        Gauge.builder("juicebox.controller.accounts.prepared", it.pool(), AccountPool::count)
            .description("Object-store accounts that wait for a volume")
            .tag("backend", each.name().value())
            .register(metrics.registry()));
    var volumeMetrics = new VolumeMetrics(metrics.registry(), census::last);
    metrics.beforeScrape(volumeMetrics::refresh);
    var cluster = cluster(settings, volumes, environment);
    var reports =
        FailureReports.all(
            Stream.concat(Stream.of(volumeMetrics), cluster.stream().map(Cluster::failures))
                .toList());
    var removal = new Removal(steps);
    var sweepers = sweepers(settings, backends, removal, reports, steps);
    var collectors =
        connections.stream()
            .map(each -> each.collector(settings, metrics.registry(), steps))
            .toList();
    Runnable sweep = () -> sweepers.forEach(Sweeper::wake);
    var controller = controller(settings, backends, removal, sweep, steps);
    var ready = new AtomicBoolean();
    var server = server(settings, metrics, controller, reports, ready);
    var ops = new OpsServer(settings.ops(), metrics, surroundings::unready);
    var pools = issuance.values().stream().map(Issuance::pool).toList();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(server, ops, pools), "drain"));
    server.start();
    ops.start();
    surroundings.report();
    sweepers.forEach(Sweeper::start);
    issuance.values().forEach(Issuance::start);
    collectors.forEach(Collector::start);
    census.start();
    cluster.ifPresent(Cluster::start);
    ready.set(true);
    LOG.info("the controller serves {}", settings.endpoint());
    server.awaitEnd();
  }

  /** Of each backend, unless volumes can't have credentials of their own. */
  private static Map<Connections, Issuance> issuance(
      ControllerSettings settings, List<Connections> backends, Steps steps) {
    Optional<CredentialStore> store = settings.credentials().store();
    return store
        .map(it ->
            backends.stream()
                .collect(
                    Collectors.toMap(each -> each, each -> each.issuance(settings, it, steps))))
        .orElse(Map.of());
  }

  private static List<Sweeper> sweepers(
      ControllerSettings settings,
      Backends backends,
      Removal removal,
      FailureReports reports,
      Steps steps) {
    return backends.inOrder().stream()
        .map(backend ->
            new Sweeper(
                backend,
                removal,
                settings.intentTimeout(),
                settings.sweepInterval(),
                reports,
                steps))
        .toList();
  }

  private static Optional<Cluster> cluster(
      ControllerSettings settings, VolumeDirectory volumes, Map<String, String> environment) {
    return settings.kubernetes()
        ? Optional.of(
            new Cluster(volumes::find, environment.getOrDefault("HOSTNAME", "controller")))
        : Optional.empty();
  }

  /** The Controller service over its use cases. */
  static ControllerService controller(
      ControllerSettings settings,
      Backends backends,
      Removal removal,
      Runnable sweep,
      Steps steps) {
    var formatter = new Formatter(new Juicefs(settings.juicefs()), settings.backendTimeout());
    var files = new CopyFiles(settings.copies().directory());
    files.tidy();
    var copying = new Copying(files, steps);
    var volumes = new VolumeDirectory(backends);
    return new ControllerService(
        new CreateVolume(backends, formatter, copying, removal, settings.defaultCapacity(), steps),
        new DeleteVolume(backends, removal, sweep, steps),
        new ExpandVolume(backends, steps),
        volumes,
        new ValidateCapabilities(volumes),
        new AvailableCapacity(backends, settings.pool()),
        new CheckHealth(backends, volumes),
        new SnapshotService(
            new CreateSnapshot(backends, copying, removal, steps),
            new DeleteSnapshot(backends, removal, sweep, steps),
            new SnapshotDirectory(backends)));
  }

  private static CsiServer server(
      ControllerSettings settings,
      Metrics metrics,
      ControllerService controller,
      FailureReports reports,
      AtomicBoolean ready) {
    var identity = new IdentityService(Map.of("program", "controller"), ready::get);
    return new CsiServer(
        settings.endpoint(),
        List.of(new CallLog(metrics), new FailedCalls(reports), new StatusInterceptor()),
        List.of(identity, controller));
  }

  private static void drain(CsiServer server, OpsServer ops, List<AccountPool> pools) {
    LOG.info("the controller ends once the calls under way have");
    try {
      server.drain(DRAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pools.forEach(AccountPool::close);
    ops.close();
  }
}
