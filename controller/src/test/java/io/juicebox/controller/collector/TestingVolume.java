package io.juicebox.controller.collector;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.TestingMount;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Admission;
import io.juicebox.controller.registry.BlockFormat;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.Intent;
import io.juicebox.controller.registry.IntentOutcome;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.CopyFiles;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.RootDirectory;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.csi.volume.VolumeParameters;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A ready volume of real servers, and the collector's parts for it. */
final class TestingVolume implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final BackendName BACKEND = new BackendName("default");
  private static final String BUCKET = "juicebox";
  private static final RegistrySettings SETTINGS =
      new RegistrySettings(
          OptionalInt.empty(), Duration.ofMinutes(10), Optional.empty(), Duration.ofSeconds(5));

  private final ClientResources threads = RedisConnection.resources();
  private final TestDirectory directory = TestDirectory.create("volume");
  final TestingRedis redis;
  final TestingMinio minio;
  final RedisConnection connection;
  final S3ObjectStore objects;
  final Registry registry;
  final CollectorMarks marks;
  final Metadata metadata;
  final Garbage garbage;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final CollectorMetrics metrics = new CollectorMetrics(meters, BACKEND);
  final VolumeRecord record;

  TestingVolume(TestingRedis redis, TestingMinio minio, int trashDays) {
    this.redis = redis;
    this.minio = minio;
    BackendConnection keys = TestingBackend.of(redis, minio);
    connection = new RedisConnection(threads, keys, TIMEOUT);
    objects = new S3ObjectStore(keys, TIMEOUT);
    registry = new Registry(connection, SETTINGS);
    marks = new CollectorMarks(connection, SETTINGS);
    metadata = new Metadata(connection);
    garbage = new Garbage(connection);
    record = create(keys, trashDays);
  }

  private VolumeRecord create(BackendConnection keys, int trashDays) {
    objects.ensureBucket(BUCKET);
    var id = VolumeId.random(BACKEND);
    var intent =
        new Intent(
            id.value(),
            "{}",
            id,
            new Capacity(1L << 30),
            Lineage.startedBy(id),
            BUCKET,
            BucketMode.SHARED,
            Credentials.SHARED,
            new BlockFormat(4L << 20, Compression.NONE),
            Optional.empty(),
            Intent.Preparation.NONE);
    if (!(registry.intend(intent, Admission.OPEN) instanceof IntentOutcome.Claimed begun)) {
      throw new AssertionError("the volume could not be made");
    }
    VolumeRecord volume = begun.volume();
    var filesystem =
        new Formatter(new Juicefs(Tools.program("juicefs")), TIMEOUT)
            .format(
                keys,
                volume.lineage(),
                BUCKET,
                volume.capacity(),
                new FormatParameters(Compression.NONE, 4 << 20, trashDays, 10_000));
    var setting =
        metadata.make(volume.number(), filesystem, volume.member(), new RootDirectory(0, 0, 0777));
    return registry.ready(
        begun.claim(),
        new VolumeContext(
            volume.number(),
            volume.lineage(),
            setting.uuid(),
            BUCKET,
            CacheClass.SHARED,
            VolumeParameters.from(Map.of()).mount()),
        Optional.empty());
  }

  TestingMount mount() throws Exception {
    return TestingMount.start(redis, minio, record.number(), directory.path());
  }

  /** One turn of the collector, for which no session needs to have been seen before. */
  VolumeTurn.Left turn(Steps steps) throws InterruptedException {
    try (Claim claim = marks.claimCollect().orElseThrow()) {
      return parts(steps).run(Job.of(record, claim, Duration.ofSeconds(30)));
    }
  }

  private VolumeTurn parts(Steps steps) {
    var deletion = new BlockDeletion(objects, 10_000);
    return new VolumeTurn(
        garbage,
        new Unmounted(garbage, Duration.ZERO),
        new DeadSlices(garbage, new Lineages(connection), deletion, metrics, steps));
  }

  /** One pass over this volume and all others of its Redis. */
  void pass() throws InterruptedException {
    var pass = new Pass(registry, marks, parts(step -> {}), new Failures(metrics), metrics);
    try (Claim claim = marks.claimCollect().orElseThrow()) {
      var _ = pass.run(claim);
    }
  }

  VolumeTurn.Left turn() throws InterruptedException {
    return turn(step -> {});
  }

  /** One round of the sweep of blocks. */
  void sweep(Duration minAge) throws InterruptedException {
    var settings =
        new CollectorSettings(Duration.ofSeconds(1), 10_000, Duration.ofMillis(1), minAge);
    var backend =
        new CollectedBackend(
            BACKEND,
            registry,
            marks,
            new Lineages(connection),
            new Snapshots(connection, SETTINGS),
            garbage,
            objects,
            new CopyFiles(directory.path().resolve("copies")));
    var sweep =
        new BlockSweep(
            backend,
            settings,
            new UnnamedSlices(backend, minAge, UnnamedSlices.MOST, step -> {}),
            new LineageMetrics(meters, BACKEND, 10),
            metrics,
            step -> {});
    try (Claim claim = marks.claimSweepBlocks().orElseThrow()) {
      var _ = sweep.run(claim);
    }
  }

  /** The keys of its blocks. */
  List<String> blocks() {
    var keys = new ArrayList<String>();
    objects
        .page(BUCKET, record.lineage().prefix() + "chunks/", Optional.empty(), 1_000)
        .forEach(stored -> keys.add(stored.key()));
    return keys;
  }

  String cli(String... command) {
    return redis.cli(record.number().value(), command);
  }

  /** Fails when juicefs finds blocks of files missing. */
  void fsck() {
    var command = new ArrayList<>(List.of("env"));
    TestingMount.environment(redis, minio)
        .forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(
        List.of(
            Tools.program("juicefs").toString(),
            "--no-agent",
            "fsck",
            redis.address() + "/" + record.number()));
    Command.run(Duration.ofMinutes(1), command);
  }

  double metric(String name) {
    return meters.get("juicebox.controller.collector." + name).counter().count();
  }

  @Override
  public void close() {
    directory.close();
    objects.close();
    connection.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
