package io.juicebox.controller;

import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.volume.Backend;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.lettuce.core.resource.ClientResources;
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
    var registry =
        new RegistrySettings(
            settings.databases(),
            settings.numberRest(),
            settings.pool(),
            RegistrySettings.DEFAULT_LEASE);
    return new Backend(
        name,
        keys,
        new Registry(redis, registry),
        new Metadata(redis),
        objects,
        () -> server.full(settings.maxRedisMemory()));
  }
}
