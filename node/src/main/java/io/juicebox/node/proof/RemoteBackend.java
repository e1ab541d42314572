package io.juicebox.node.proof;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The real servers. Redis is asked over a connection for each call, so that each call proves its
 * password; the object store checks a signature with each request and may keep connections.
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
  public List<Session> prove(VolumeContext volume, BackendConnection connection) {
    Future<?> owner = parallel.submit(() -> objects.read(volume, connection));
    try {
      List<Session> sessions = redis.prove(volume, connection);
      await(owner);
      return sessions;
    } finally {
      owner.cancel(false); // one under way ends by itself and gives its connection back
    }
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

  private static void await(Future<?> owner) {
    try {
      owner.get(); // bounded by the object store client's own limit
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case RuntimeException failure -> failure;
        case null, default -> new IllegalStateException(e);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException.Failed("the program is ending");
    }
  }
}
