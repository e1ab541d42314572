package io.juicebox.controller.volume;

import io.juicebox.controller.credential.VolumeCredentials;
import io.juicebox.controller.fork.MetadataCopies;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import java.util.Optional;

/** A Redis and an object store that hold volumes together, and what reaches them. */
public final class Backend {
  private final BackendName name;
  private final BackendConnection connection;
  private final Registry registry;
  private final Snapshots snapshots;
  private final Lineages lineages;
  private final Metadata metadata;
  private final MetadataCopies copies;
  private final ObjectStore objects;
  private final Buckets buckets;
  private final RedisMemory memory;
  private final Optional<VolumeCredentials> credentials;

  /**
   * @param credentials empty where volumes can't have any of their own
   */
  public Backend(
      BackendName name,
      BackendConnection connection,
      Registry registry,
      Snapshots snapshots,
      Lineages lineages,
      Metadata metadata,
      MetadataCopies copies,
      ObjectStore objects,
      RedisMemory memory,
      Optional<VolumeCredentials> credentials) {
    this.name = name;
    this.connection = connection;
    this.registry = registry;
    this.snapshots = snapshots;
    this.lineages = lineages;
    this.metadata = metadata;
    this.copies = copies;
    this.objects = objects;
    this.buckets = new Buckets(objects);
    this.memory = memory;
    this.credentials = credentials;
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

  Snapshots snapshots() {
    return snapshots;
  }

  Lineages lineages() {
    return lineages;
  }

  Metadata metadata() {
    return metadata;
  }

  MetadataCopies copies() {
    return copies;
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

  /**
   * What makes and removes a volume's own credentials.
   *
   * @throws PreconditionFailed where there is no place to keep them
   */
  VolumeCredentials credentials() {
    return credentials.orElseThrow(() ->
        new PreconditionFailed(
            "the credentials of volumes have no place: set CREDENTIALS_DIR, or CREDENTIALS_NAMESPACE"
                + " where there is Kubernetes; new volumes need none whose StorageClass has"
                + " credentials: shared"));
  }
}
