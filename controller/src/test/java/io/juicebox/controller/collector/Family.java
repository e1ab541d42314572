package io.juicebox.controller.collector;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.TestingMount;
import io.juicebox.controller.fork.MetadataCopies;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.ObjectStore.Stored;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.Backend;
import io.juicebox.controller.volume.Backends;
import io.juicebox.controller.volume.Capability;
import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.controller.volume.CapacityRange;
import io.juicebox.controller.volume.CopyFiles;
import io.juicebox.controller.volume.Copying;
import io.juicebox.controller.volume.CreateSnapshot;
import io.juicebox.controller.volume.CreateVolume;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.controller.volume.DeleteSnapshot;
import io.juicebox.controller.volume.DeleteVolume;
import io.juicebox.controller.volume.Removal;
import io.juicebox.controller.volume.SourceId;
import io.juicebox.controller.volume.VolumeRequest;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Volumes and snapshots of one another on real servers, and the collector's parts for them, which
 * take every block for old enough.
 */
public final class Family implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final BackendName BACKEND = new BackendName("default");
  static final String BUCKET = "juicebox";

  private final ClientResources threads = RedisConnection.resources();
  private final TestDirectory directory = TestDirectory.create("family");
  private final AtomicReference<Steps> steps = new AtomicReference<>(step -> {});
  private final TestingRedis redis;
  private final TestingMinio minio;
  private final RedisConnection connection;
  private final Path object;
  private final CreateVolume create;
  private final DeleteVolume delete;
  private final CreateSnapshot createSnapshot;
  private final DeleteSnapshot deleteSnapshot;
  final S3ObjectStore objects;
  final CollectedBackend backend;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final LineageMetrics lineageMetrics = new LineageMetrics(meters, BACKEND, 10);
  private final CollectorMetrics metrics = new CollectorMetrics(meters, BACKEND);
  private int most = UnnamedSlices.MOST;

  public Family(TestingRedis redis, TestingMinio minio) {
    this.redis = redis;
    this.minio = minio;
    object = object();
    BackendConnection keys = TestingBackend.of(redis, minio);
    connection = new RedisConnection(threads, keys, TIMEOUT);
    objects = new S3ObjectStore(keys, TIMEOUT);
    var settings =
        new RegistrySettings(
            OptionalInt.empty(), Duration.ofMinutes(10), Optional.empty(), Duration.ofSeconds(5));
    var files = new CopyFiles(directory.path().resolve("copies"));
    backend =
        new CollectedBackend(
            BACKEND,
            new Registry(connection, settings),
            new CollectorMarks(connection, settings),
            new Lineages(connection),
            new Snapshots(connection, settings),
            new Garbage(connection),
            objects,
            files);
    var metadata = new Metadata(connection);
    var copies =
        new MetadataCopies(
            number -> RedisConnection.within(number, threads, keys, TIMEOUT),
            metadata,
            Duration.ofMillis(50),
            100_000);
    var backends =
        new Backends(
            List.of(
                new Backend(
                    BACKEND,
                    keys,
                    backend.registry(),
                    backend.snapshots(),
                    backend.lineages(),
                    metadata,
                    copies,
                    objects,
                    Optional::empty,
                    Optional.empty())));
    Steps all = step -> steps.get().reached(step);
    var removal = new Removal(all);
    var copying = new Copying(files, all);
    var formatter = new Formatter(new Juicefs(Tools.program("juicefs")), TIMEOUT);
    create = new CreateVolume(backends, formatter, copying, removal, new Capacity(1L << 30), all);
    delete = new DeleteVolume(backends, removal, () -> {}, all);
    createSnapshot = new CreateSnapshot(backends, copying, removal, all);
    deleteSnapshot = new DeleteSnapshot(backends, removal, () -> {}, all);
  }

  private Path object() {
    try {
      return Files.writeString(directory.path().resolve("object"), "content");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Something happens at each step, until it is told otherwise. */
  void at(Steps what) {
    steps.set(what);
  }

  /** A volume that is no copy. */
  public VolumeRecord create(String name) {
    return create(name, Optional.empty());
  }

  /** A copy of a volume or snapshot. */
  public VolumeRecord copy(String name, Origin of) {
    return create(name, Optional.of(new SourceId(of.kind(), of.id().value())));
  }

  private VolumeRecord create(String name, Optional<SourceId> source) {
    return create.create(
        new VolumeRequest(
            name,
            CapacityRange.ANY,
            List.of(new Capability(AccessMode.SINGLE_NODE_WRITER, Access.MOUNT, "", List.of())),
            Map.of("credentials", "shared", "mode", "0777"),
            source),
        soon());
  }

  SnapshotRecord snapshot(String name, VolumeRecord of) {
    return createSnapshot.create(name, new SourceId(Origin.Kind.VOLUME, of.id().value()), soon());
  }

  /** Deletes a volume. */
  public void delete(VolumeRecord volume) {
    delete.delete(volume.id().value(), soon());
  }

  void delete(SnapshotRecord snapshot) {
    deleteSnapshot.delete(snapshot.id().value(), soon());
  }

  /** The tombstone of a volume that somebody still has. */
  void bury(VolumeRecord volume) {
    if (!(backend.registry().claim(volume.id()) instanceof ClaimOutcome.Claimed claimed)) {
      throw new AssertionError("the volume could not be claimed");
    }
    try (Claim claim = claimed.claim()) {
      backend.registry().bury(claim);
    }
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(60));
  }

  /** Writes files, each of one block, through a mount of its own. */
  public void write(VolumeRecord volume, int bytes, String... files) throws Exception {
    var content = new byte[bytes];
    Arrays.fill(content, (byte) 7);
    use(
        volume,
        root -> {
          for (String file : files) {
            Files.write(root.resolve(file), content);
          }
        });
  }

  /** Deletes files through a mount of its own, and has the collector's turn. */
  public void remove(VolumeRecord volume, String... files) throws Exception {
    use(
        volume,
        root -> {
          for (String file : files) {
            Files.delete(root.resolve(file));
          }
        });
    turn(volume);
  }

  /** Deletes files through one mount, each with a turn of the collector after it. */
  void removeOneByOne(VolumeRecord volume, String... files) throws Exception {
    use(
        volume,
        root -> {
          for (String file : files) {
            Files.delete(root.resolve(file));
            turn(volume);
          }
        });
    turn(volume);
  }

  /** How long a file is that can be read to its end. */
  int read(VolumeRecord volume, String file) throws Exception {
    var length = new int[1];
    use(volume, root -> length[0] = Files.readAllBytes(root.resolve(file)).length);
    return length[0];
  }

  private interface Use {
    void of(Path root) throws IOException, InterruptedException;
  }

  private void use(VolumeRecord volume, Use use) throws Exception {
    try (var own = TestDirectory.create("mount")) {
      TestingMount mount = TestingMount.start(redis, minio, volume.number(), own.path());
      use.of(mount.root());
      mount.end();
    }
  }

  /** One turn of the collector at a volume. */
  VolumeTurn.Left turn(VolumeRecord volume) throws InterruptedException {
    var deletion = new BlockDeletion(objects, 10_000);
    var turn =
        new VolumeTurn(
            backend.garbage(),
            new Unmounted(backend.garbage(), Duration.ZERO),
            new DeadSlices(
                backend.garbage(),
                backend.lineages(),
                deletion,
                metrics,
                step -> steps.get().reached(step)));
    try (Claim claim = backend.marks().claimCollect().orElseThrow()) {
      return turn.run(Job.of(volume, claim, Duration.ofSeconds(30)));
    }
  }

  /** Sweeps a lineage from its beginning. */
  Optional<Freed> sweep(Lineage lineage) throws InterruptedException {
    return sweep(lineage, Duration.ZERO);
  }

  Optional<Freed> sweep(Lineage lineage, Duration minAge) throws InterruptedException {
    try (Claim claim = backend.marks().claimSweepBlocks().orElseThrow()) {
      return sweeps(settings(minAge)).sweep(lineage, Optional.empty(), claim);
    }
  }

  /** A round over whatever is due. */
  void round(Duration minAge) throws InterruptedException {
    try (Claim claim = backend.marks().claimSweepBlocks().orElseThrow()) {
      var _ = sweeps(settings(minAge)).run(claim);
    }
  }

  /** How many slices a part of a sweep has, or a page of the listing more. */
  void most(int slices) {
    most = slices;
  }

  private BlockSweep sweeps(CollectorSettings settings) {
    Steps all = step -> steps.get().reached(step);
    return new BlockSweep(
        backend,
        settings,
        new UnnamedSlices(backend, settings.blockMinAge(), most, all),
        lineageMetrics,
        metrics,
        all);
  }

  static CollectorSettings settings(Duration minAge) {
    return new CollectorSettings(Duration.ofSeconds(1), 10_000, Duration.ofDays(7), minAge);
  }

  /** What a sweep finds, with a say in whether it goes on, asked before each page of names. */
  Optional<UnnamedSlices.Part> look(Lineage lineage, BooleanSupplier mayGoOn)
      throws InterruptedException {
    return new UnnamedSlices(backend, Duration.ZERO, most, step -> {})
        .look(lineage, Optional.empty(), mayGoOn);
  }

  /** The keys of a lineage's blocks. */
  public List<String> blocks(Lineage lineage) {
    return keys(lineage.prefix() + "chunks/");
  }

  List<String> keys(String prefix) {
    var keys = new ArrayList<String>();
    List<Stored> page;
    do {
      Optional<String> last = keys.isEmpty() ? Optional.empty() : Optional.of(keys.getLast());
      page = objects.page(BUCKET, prefix, last, 1_000);
      page.forEach(stored -> keys.add(stored.key()));
    } while (!page.isEmpty());
    return keys;
  }

  /** An object of somebody. */
  void put(String key) {
    objects.put(BUCKET, key, object);
  }

  String cli(VolumeRecord volume, String... command) {
    return redis.cli(volume.number().value(), command);
  }

  String registry(String... command) {
    return redis.cli(1, command);
  }

  double gauge(Lineage lineage, String kind) {
    return meters
        .get("juicebox.controller.lineage")
        .tag("backend", BACKEND.value())
        .tag("lineage", lineage.value())
        .tag("kind", kind)
        .gauge()
        .value();
  }

  /** Fails when juicefs finds blocks of files missing. */
  void fsck(VolumeRecord volume) {
    var command = new ArrayList<>(List.of("env"));
    TestingMount.environment(redis, minio)
        .forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(
        List.of(
            Tools.program("juicefs").toString(),
            "--no-agent",
            "fsck",
            redis.address() + "/" + volume.number()));
    Command.run(Duration.ofMinutes(1), command);
  }

  @Override
  public void close() {
    directory.close();
    objects.close();
    connection.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
