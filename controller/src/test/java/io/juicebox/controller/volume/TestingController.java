package io.juicebox.controller.volume;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.credential.DirectoryStore;
import io.juicebox.controller.credential.Issuance;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.MinioAccounts;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisReplicas;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
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
  final ExpandVolume expand;
  final VolumeDirectory volumes;
  final CheckHealth health;
  final Sweeper sweeper;

  TestingController(TestingRedis server, TestingMinio minio) {
    this(TestingBackend.of(server, minio), Optional.empty());
  }

  TestingController(BackendConnection connection, Optional<Capacity> pool) {
    redis = new RedisConnection(resources, connection, BACKEND_TIMEOUT);
    s3 = new S3ObjectStore(connection, BACKEND_TIMEOUT);
    objects = new TestingObjectStore(s3);
    var registry =
        new Registry(
            redis,
            new RegistrySettings(
                OptionalInt.empty(), Duration.ofMinutes(10), pool, Duration.ofSeconds(5)));
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
            new Users(
                new RedisUsers(redis),
                new RedisReplicas(redis, resources, connection, BACKEND_TIMEOUT)),
            accounts,
            IN_ADVANCE);
    backend =
        new Backend(
            BACKEND,
            connection,
            registry,
            new Metadata(redis),
            objects,
            memory::get,
            Optional.of(issuance.credentials()));
    Steps all = step -> steps.get().reached(step);
    var backends = new Backends(List.of(backend));
    var removal = new Removal(all);
    create =
        new CreateVolume(
            backends,
            new Formatter(new Juicefs(Tools.program("juicefs")), BACKEND_TIMEOUT),
            removal,
            new Capacity(10 * GIB),
            all);
    delete = new DeleteVolume(backends, removal, () -> woken.set(true), all);
    expand = new ExpandVolume(backends, all);
    volumes = new VolumeDirectory(backends);
    health = new CheckHealth(backends, volumes);
    sweeper =
        new Sweeper(backend, removal, Duration.ofMillis(1), Duration.ofMillis(1), reports, all);
  }

  /** Every call that reaches the step fails so, until {@link #heal}. */
  void failAt(ControllerStep where, Supplier<RuntimeException> failure) {
    steps.set(step -> {
      if (step == where) {
        throw failure.get();
      }
    });
  }

  /** Something happens each time a step is reached, until {@link #heal}. */
  void at(ControllerStep where, Runnable what) {
    steps.set(step -> {
      if (step == where) {
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

  /** With shared credentials unless the parameters say otherwise: they are made at once. */
  static VolumeRequest request(String name, Map<String, String> parameters) {
    var all = new TreeMap<>(parameters);
    all.putIfAbsent("credentials", "shared");
    return new VolumeRequest(
        name,
        new CapacityRange(GIB, 0),
        List.of(new Capability(AccessMode.SINGLE_NODE_WRITER, Access.MOUNT, "", List.of())),
        all);
  }

  void delete(VolumeRecord volume) {
    delete.delete(volume.id().value(), soon());
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
