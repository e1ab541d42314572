package io.juicebox.node.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.HealthEvent;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountService;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One WatchHealth call. It remembers which volumes have changed, not each change: what is sent is
 * how they are then, so that a slow client costs no more than a client that keeps up.
 */
final class HealthStream implements AutoCloseable {
  private final MountService mounts;
  private final ServerCallStreamObserver<HealthEvent> client;
  private final ReentrantLock lock = new ReentrantLock(); // changes come on any thread
  private final Set<VolumeId> changed = new LinkedHashSet<>();
  private final MountService.Watch watch;
  private boolean begun;
  private boolean ended;

  HealthStream(MountService mounts, ServerCallStreamObserver<HealthEvent> client) {
    this.mounts = mounts;
    this.client = client;
    this.watch = mounts.watch(health -> changed(health.volume())); // before all are read: no gap
  }

  /** Sends all there is, and the changes from now on; does not wait. */
  void begin() {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      var all = HealthEvent.newBuilder().setAll(true);
      mounts.health().values().stream().map(HealthMessages::message).forEach(all::addVolumes);
      client.onNext(all.build());
      begun = true;
      send();
    } finally {
      lock.unlock();
    }
  }

  /** The client can take more. */
  void ready() {
    lock.lock();
    try {
      send();
    } finally {
      lock.unlock();
    }
  }

  private void changed(VolumeId volume) {
    lock.lock();
    try {
      changed.add(volume);
      send();
    } finally {
      lock.unlock();
    }
  }

  private void send() {
    if (!begun || ended || changed.isEmpty() || !client.isReady()) {
      return;
    }
    Map<VolumeId, MountHealth> now = mounts.health();
    var event = HealthEvent.newBuilder();
    changed.stream()
        .map(now::get)
        .filter(Objects::nonNull) // it was unmounted meanwhile
        .map(HealthMessages::message)
        .forEach(event::addVolumes);
    changed.clear();
    if (event.getVolumesCount() > 0) {
      client.onNext(event.build());
    }
  }

  /** The client is gone. */
  void cancelled() {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
    watch.close();
  }

  /** Ends the call: the service is ending. */
  @Override
  public void close() {
    boolean first;
    lock.lock();
    try {
      first = !ended;
      ended = true;
    } finally {
      lock.unlock();
    }
    watch.close();
    if (first && !client.isCancelled()) {
      client.onCompleted();
    }
  }
}
