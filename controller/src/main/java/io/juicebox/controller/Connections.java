package io.juicebox.controller;

import io.juicebox.controller.collector.Collector;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.volume.Backend;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;

/**
 * What reaches one backend: a Redis connection and an object-store client, shared by all calls.
 * Both connect with their first request, so a backend that is away does not keep us from starting.
 */
record Connections(
    BackendName name, BackendConnection keys, RedisConnection redis, S3ObjectStore objects) {

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
                    new RedisConnection(threads, keys, settings.backendTimeout()),
                    new S3ObjectStore(keys, settings.backendTimeout()))));
    return List.copyOf(all);
  }

  /** The backend as use cases see it. */
  Backend backend(ControllerSettings settings) {
    var server = new RedisServer(redis);
    return new Backend(
        name,
        keys,
        registry(settings),
        new Metadata(redis),
        objects,
        () -> server.full(settings.maxRedisMemory()));
  }

  /** What gives back the space of the backend's volumes. */
  Collector collector(ControllerSettings settings, MeterRegistry meters, Steps steps) {
    return new Collector(
        name, registry(settings), new Garbage(redis), objects, settings.collector(), meters, steps);
  }

  private Registry registry(ControllerSettings settings) {
    return new Registry(
        redis,
        new RegistrySettings(
            settings.databases(),
            settings.numberRest(),
            settings.pool(),
            RegistrySettings.DEFAULT_LEASE));
  }
}
