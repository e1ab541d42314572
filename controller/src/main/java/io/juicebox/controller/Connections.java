package io.juicebox.controller;

import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.controller.volume.Backend;
import io.juicebox.controller.volume.Backends;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.lettuce.core.resource.ClientResources;
import java.util.ArrayList;
import java.util.Optional;

/** The wiring of the backends: each has one Redis connection and one object-store client. */
final class Connections {
  private Connections() {}

  /** Connects with the first call: a backend that is away now does not keep us from starting. */
  static Backends open(ControllerSettings settings) {
    ClientResources resources = RedisConnection.resources();
    var backends = new ArrayList<Backend>();
    settings
        .backends()
        .forEach((name, connection) -> backends.add(open(settings, resources, name, connection)));
    return new Backends(backends);
  }

  private static Backend open(
      ControllerSettings settings,
      ClientResources resources,
      BackendName name,
      BackendConnection connection) {
    var redis = new RedisConnection(resources, connection, settings.backendTimeout());
    var registry =
        new Registry(
            redis,
            new RegistrySettings(
                settings.databases(),
                settings.numberRest(),
                settings.pool(),
                RegistrySettings.DEFAULT_LEASE));
    return new Backend(
        name,
        connection,
        registry,
        new Metadata(redis),
        new S3ObjectStore(connection, settings.backendTimeout()),
        Optional::empty);
  }
}
