package io.juicebox.controller;

import io.juicebox.controller.collector.CollectedBackend;
import io.juicebox.controller.collector.Collector;
import io.juicebox.controller.collector.SweepNow;
import io.juicebox.controller.credential.CredentialStore;
import io.juicebox.controller.credential.Issuance;
import io.juicebox.controller.fork.MetadataCopies;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisReplicas;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.registry.Rotations;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.volume.Backend;
import io.juicebox.controller.volume.CopyFiles;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What reaches one backend: a Redis connection and an object-store client, shared by all calls.
 * Both connect with their first request, so a backend that is away does not keep us from starting.
 */
record Connections(
    BackendName name,
    BackendConnection keys,
    ClientResources threads,
    RedisConnection redis,
    S3ObjectStore objects) {
  /** For which a copy may keep a Redis from answering others. */
  private static final Duration LONGEST_STEP = Duration.ofMillis(50);

  /** Those of all backends, in the order of the setting. */
  static List<Connections> open(ControllerSettings settings) {
    ClientResources threads = RedisConnection.resources();
    var all = new ArrayList<Connections>();
    settings
        .backends()
        .forEach((name, keys) ->
            all.add(
                new Connections(
                    name,
                    keys,
                    threads,
                    new RedisConnection(threads, keys, settings.backendTimeout()),
                    new S3ObjectStore(keys, settings.backendTimeout()))));
    return List.copyOf(all);
  }

  /**
   * The backend as use cases see it.
   *
   * @param issuance what gives volumes credentials of their own, if anything does
   */
  Backend backend(ControllerSettings settings, Optional<Issuance> issuance) {
    var server = new RedisServer(redis);
    return new Backend(
        name,
        keys,
        registry(settings),
        new Snapshots(redis, registrySettings(settings)),
        new Lineages(redis),
        new Metadata(redis),
        new MetadataCopies(
            number -> RedisConnection.within(number, threads, keys, settings.backendTimeout()),
            new Metadata(redis),
            LONGEST_STEP,
            settings.copies().keysAtOnce()),
        objects,
        () -> server.full(settings.maxRedisMemory()),
        issuance.map(Issuance::credentials));
  }

  /** What gives this backend's volumes credentials of their own. */
  Issuance issuance(ControllerSettings settings, CredentialStore store, Steps steps) {
    var replicas = new RedisReplicas(redis, threads, keys, settings.backendTimeout());
    return Issuance.of(
        name,
        keys,
        store,
        registry(settings),
        new Blanks(redis),
        new Rotations(redis),
        new Users(new RedisUsers(redis), replicas),
        settings.credentials().accountsOf(keys, settings.backendTimeout()),
        settings.credentials().inAdvance(),
        settings.credentials().overlap(),
        steps);
  }

  /** What gives back the space of the backend's volumes. */
  Collector collector(ControllerSettings settings, MeterRegistry meters, Steps steps) {
    return new Collector(
        collected(settings), settings.collector(), settings.volumeMetrics(), meters, steps);
  }

  /** What does so when an operator says it. */
  SweepNow sweepNow(ControllerSettings settings, Steps steps) {
    return new SweepNow(collected(settings), settings.collector(), steps);
  }

  private CollectedBackend collected(ControllerSettings settings) {
    return new CollectedBackend(
        name,
        registry(settings),
        new CollectorMarks(redis, registrySettings(settings)),
        new Lineages(redis),
        new Snapshots(redis, registrySettings(settings)),
        new Garbage(redis),
        objects,
        new CopyFiles(settings.copies().directory()));
  }

  private Registry registry(ControllerSettings settings) {
    return new Registry(redis, registrySettings(settings));
  }

  private static RegistrySettings registrySettings(ControllerSettings settings) {
    return new RegistrySettings(
        settings.databases(),
        settings.numberRest(),
        settings.pool(),
        RegistrySettings.DEFAULT_LEASE);
  }
}
