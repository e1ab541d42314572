package io.juicebox.node.service;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.juicebox.csi.status.DriverException;
import io.juicebox.mountservice.v1.HealthEvent;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.mountservice.v1.WatchHealthRequest;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the health of a service's mounts until it is closed, however often that goes away. */
public final class HealthSubscription implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthSubscription.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final ServiceConnection connection;
  private final HealthListener listener;
  private final Context.CancellableContext context = Context.ROOT.withCancellation();

  private HealthSubscription(ServiceConnection connection, HealthListener listener) {
    this.connection = connection;
    this.listener = listener;
  }

  static HealthSubscription begin(ServiceConnection connection, HealthListener listener) {
    var subscription = new HealthSubscription(connection, listener);
    var _ =
        Thread.ofVirtual()
            .name("mount-health")
            .start(() -> subscription.context.run(subscription::follow));
    return subscription;
  }

  private void follow() {
    boolean there = true; // so that the first failure is told
    while (!context.isCancelled()) {
      boolean now = connection.isThereWithin(Duration.ZERO);
      if (now) {
        LOG.info("the mount service is there");
        listen();
      } else if (there) {
        LOG.warn("the mount service is away; mounts that are there stay");
      }
      there = now;
      pause();
    }
  }

  private void listen() {
    try {
      MountServiceGrpc.newBlockingStub(connection.channel())
          .watchHealth(WatchHealthRequest.getDefaultInstance())
          .forEachRemaining(this::told);
    } catch (StatusRuntimeException e) {
      if (!context.isCancelled()) {
        LOG.info("the mount service tells nothing more: {}", e.getStatus());
      }
    }
  }

  private void told(HealthEvent event) {
    try {
      var mounts = event.getVolumesList().stream().map(HealthMessages::health).toList();
      if (event.getAll()) {
        listener.all(mounts);
      } else {
        mounts.forEach(listener::changed);
      }
    } catch (DriverException e) {
      LOG.warn("the mount service told what this program does not understand", e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts it", e);
    }
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
