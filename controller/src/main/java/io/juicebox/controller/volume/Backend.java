package io.juicebox.controller.volume;

import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.Registry;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;

/** A Redis and an object store that hold volumes together, and what reaches them. */
public final class Backend {
  private final BackendName name;
  private final BackendConnection connection;
  private final Registry registry;
  private final Metadata metadata;
  private final ObjectStore objects;
  private final Buckets buckets;
  private final RedisMemory memory;

  public Backend(
      BackendName name,
      BackendConnection connection,
      Registry registry,
      Metadata metadata,
      ObjectStore objects,
      RedisMemory memory) {
    this.name = name;
    this.connection = connection;
    this.registry = registry;
    this.metadata = metadata;
    this.objects = objects;
    this.buckets = new Buckets(objects);
    this.memory = memory;
  }

  public BackendName name() {
    return name;
  }

  BackendConnection connection() {
    return connection;
  }

  Registry registry() {
    return registry;
  }

  Metadata metadata() {
    return metadata;
  }

  ObjectStore objects() {
    return objects;
  }

  Buckets buckets() {
    return buckets;
  }

  RedisMemory memory() {
    return memory;
  }
}
