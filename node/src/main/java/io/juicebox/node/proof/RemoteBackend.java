package io.juicebox.node.proof;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The real servers. Redis sees an AUTH and the object store a signature with each call: a
 * connection that is kept proves nothing by itself.
 */
public final class RemoteBackend implements VolumeBackend, AutoCloseable {
  private final RedisMetadata redis;
  private final OwnerObject objects;
  private final ExecutorService parallel = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param limit of each of the two servers: a call that takes longer says that the server is
   *     unavailable
   */
  public RemoteBackend(Duration limit) {
    this.redis = new RedisMetadata(limit);
    this.objects = new OwnerObject(limit);
  }

  @Override
  public Proof prove(VolumeContext volume, BackendConnection connection) {
    return new Proof(
        parallel.submit(() -> redis.prove(volume, connection)),
        parallel.submit(() -> objects.read(volume, connection)));
  }

  @Override
  public Proof proveMetadata(VolumeContext volume, BackendConnection connection) {
    return new Proof(
        parallel.submit(() -> redis.prove(volume, connection)),
        CompletableFuture.completedFuture(volume));
  }

  @Override
  public List<Session> sessions(VolumeContext volume, BackendConnection connection) {
    return redis.prove(volume, connection);
  }

  @Override
  public void release(
      VolumeContext volume, BackendConnection connection, Collection<Session> dead) {
    redis.release(volume, connection, dead);
  }

  @Override
  public void close() {
    parallel.shutdownNow();
    objects.close();
    redis.close();
  }
}
