package io.juicebox.controller.volume;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.credential.DirectoryStore;
import io.juicebox.controller.credential.Issuance;
import io.juicebox.controller.fork.MetadataCopies;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.MinioAccounts;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisReplicas;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.registry.Rotations;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * All use cases of one controller over real servers, with steps and an object store that can fail.
 */
final class TestingController implements AutoCloseable {
  static final Duration BACKEND_TIMEOUT = Duration.ofSeconds(8);
  static final BackendName BACKEND = new BackendName("default");
  static final long GIB = 1L << 30;
  private static final int IN_ADVANCE = 2;
  private static final Duration OVERLAP = Duration.ofMinutes(10);

  private final ClientResources resources = RedisConnection.resources();
  private final AtomicReference<Steps> steps = new AtomicReference<>(step -> {});
  private final RedisConnection redis;
  private final S3ObjectStore s3;
  private final MinioAccounts accounts;
  private final TestDirectory directory = TestDirectory.create("controller");
  final AtomicReference<Optional<Exhausted>> memory = new AtomicReference<>(Optional.empty());
  final TestingReports reports = new TestingReports();
  final AtomicBoolean woken = new AtomicBoolean();
  final TestingObjectStore objects;
  final Issuance issuance;
  final Backend backend;
  final CreateVolume create;
  final DeleteVolume delete;
  final CreateSnapshot createSnapshot;
  final DeleteSnapshot deleteSnapshot;
  final SnapshotDirectory snapshots;
  final ExpandVolume expand;
  final VolumeDirectory volumes;
  final CheckHealth health;
  final Sweeper sweeper;
  final RotateCredentials rotate;

  TestingController(TestingRedis server, TestingMinio minio) {
    this(TestingBackend.of(server, minio), Optional.empty());
  }

  TestingController(BackendConnection connection, Optional<Capacity> pool) {
    Steps all = step -> steps.get().reached(step);
    redis = new RedisConnection(resources, connection, BACKEND_TIMEOUT);
    s3 = new S3ObjectStore(connection, BACKEND_TIMEOUT);
    objects = new TestingObjectStore(s3);
    var settings =
        new RegistrySettings(
            OptionalInt.empty(), Duration.ofMinutes(10), pool, Duration.ofSeconds(5));
    var registry = new Registry(redis, settings);
    var copies =
        new MetadataCopies(
            number -> RedisConnection.within(number, resources, connection, BACKEND_TIMEOUT),
            new Metadata(redis),
            Duration.ofMillis(50),
            100_000);
    accounts = new MinioAccounts(connection, BACKEND_TIMEOUT);
    issuance =
        Issuance.of(
            BACKEND,
            connection,
            new DirectoryStore(
                CredentialDirectory.from(
                        new SettingsReader(Map.of("CREDENTIALS_DIR", credentials().toString())))
                    .orElseThrow()),
            registry,
            new Blanks(redis),
            new Rotations(redis),
            new Users(
                new RedisUsers(redis),
                new RedisReplicas(redis, resources, connection, BACKEND_TIMEOUT)),
            accounts,
            IN_ADVANCE,
            OVERLAP,
            all);
    backend =
        new Backend(
            BACKEND,
            connection,
            registry,
            new Snapshots(redis, settings),
            new Lineages(redis),
            new Metadata(redis),
            copies,
            objects,
            memory::get,
            Optional.of(issuance.credentials()));
    var backends = new Backends(List.of(backend));
    rotate = new RotateCredentials(backend, issuance.rotation());
    var removal = new Removal(all);
    var copying = new Copying(new CopyFiles(directory.path().resolve("copies")), all);
    create =
        new CreateVolume(
            backends,
            new Formatter(new Juicefs(Tools.program("juicefs")), BACKEND_TIMEOUT),
            copying,
            removal,
            new Capacity(10 * GIB),
            all);
    delete = new DeleteVolume(backends, removal, () -> woken.set(true), all);
    createSnapshot = new CreateSnapshot(backends, copying, removal, all);
    deleteSnapshot = new DeleteSnapshot(backends, removal, () -> woken.set(true), all);
    snapshots = new SnapshotDirectory(backends);
    expand = new ExpandVolume(backends, all);
    volumes = new VolumeDirectory(backends);
    health = new CheckHealth(backends, volumes);
    sweeper =
        new Sweeper(backend, removal, Duration.ofMillis(1), Duration.ofMillis(1), reports, all);
  }

  /** Every call that reaches the step fails so, until {@link #heal}. */
  void failAt(Steps.Step where, Supplier<RuntimeException> failure) {
    steps.set(step -> {
      if (step.equals(where)) {
        throw failure.get();
      }
    });
  }

  /** Something happens each time a step is reached, until {@link #heal}. */
  void at(Steps.Step where, Runnable what) {
    steps.set(step -> {
      if (step.equals(where)) {
        what.run();
      }
    });
  }

  void heal() {
    steps.set(step -> {});
    objects.heal();
    memory.set(Optional.empty());
  }

  VolumeRecord create(String name) {
    return create(name, Map.of());
  }

  VolumeRecord create(String name, Map<String, String> parameters) {
    return create.create(request(name, parameters), soon());
  }

  /** Where the credentials of volumes are. */
  Path credentials() {
    return directory.path().resolve("credentials");
  }

  /** What nodes get of a volume. */
  BackendConnection kept(VolumeRecord volume) {
    Path file = credentials().resolve(volume.id().value());
    try {
      var keys =
          new ObjectMapper()
              .readValue(Files.readString(file), new TypeReference<Map<String, String>>() {});
      return BackendConnection.from("kept", keys);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With shared credentials unless the parameters say otherwise: they are made at once. */
  static VolumeRequest request(String name, Map<String, String> parameters) {
    var all = new TreeMap<>(parameters);
    all.putIfAbsent("credentials", "shared");
    return new VolumeRequest(
        name,
        new CapacityRange(GIB, 0),
        List.of(new Capability(AccessMode.SINGLE_NODE_WRITER, Access.MOUNT, "", List.of())),
        all,
        Optional.empty());
  }

  void delete(VolumeRecord volume) {
    delete.delete(volume.id().value(), soon());
  }

  /** As a CO does that is told of another call under way. */
  static <T> T repeatedly(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (OperationPending e) {
        // the next call finds what the other one made
      }
    }
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(30));
  }

  @Override
  public void close() {
    redis.close();
    s3.close();
    accounts.close();
    directory.close();
    var _ = resources.shutdown();
  }
}
