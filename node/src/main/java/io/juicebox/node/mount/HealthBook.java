package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.mount.MountHealth.State;
import io.juicebox.node.mount.MountService.Watch;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of the health of all mounts. Each change is one line in the log. */
final class HealthBook {
  private static final Logger LOG = LoggerFactory.getLogger(HealthBook.class);

  private final Clock clock;
  private final ConcurrentHashMap<VolumeId, MountHealth> known = new ConcurrentHashMap<>();
  private final List<Consumer<MountHealth>> listeners = new CopyOnWriteArrayList<>();

  HealthBook(Clock clock) {
    this.clock = clock;
  }

  void note(VolumeId volume, State state, String cause) {
    var told = new MountHealth[1];
    known.compute(
        volume,
        (_, last) -> {
          if (last != null && last.state() == state && last.cause().equals(cause)) {
            return last;
          }
          boolean changed = last == null || last.state() != state;
          var since = changed ? clock.instant() : last.since();
          told[0] = new MountHealth(volume, state, cause, since);
          return told[0];
        });
    if (told[0] != null) {
      if (state == State.SERVING) {
        LOG.info("volume {} is served", volume);
      } else {
        LOG.warn("volume {} is {}: {}", volume, state, cause);
      }
      listeners.forEach(listener -> listener.accept(told[0]));
    }
  }

  /** It is mounted no more. */
  void forget(VolumeId volume) {
    known.remove(volume);
  }

  State state(VolumeId volume) {
    MountHealth last = known.get(volume);
    return last == null ? State.SERVING : last.state();
  }

  Map<VolumeId, MountHealth> all() {
    return new TreeMap<>(known);
  }

  Watch watch(Consumer<MountHealth> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
