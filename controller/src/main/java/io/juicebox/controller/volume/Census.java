package io.juicebox.controller.volume;

import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ready volumes as they were found a while ago, for metrics. Bounded: where there are more
 * volumes than it may hold it holds none, since a part of them would look like all.
 */
public final class Census {
  private static final Logger LOG = LoggerFactory.getLogger(Census.class);
  private static final int PAGE = 500;

  /** What it knows of a volume. */
  public record Resident(Capacity capacity, Optional<PvcName> pvc) {}

  private final VolumeDirectory volumes;
  private final int most;
  private final Duration interval;
  private volatile Map<VolumeId, Resident> last = Map.of();
  private boolean toldTooMany;

  /**
   * @param most how many volumes it may hold; with 0 it never looks
   * @param interval the pause between two looks
   */
  public Census(VolumeDirectory volumes, int most, Duration interval) {
    this.volumes = volumes;
    this.most = most;
    this.interval = interval;
  }

  /** Looks now and then for the life of the process, on a virtual thread. */
  public void start() {
    if (most > 0) {
      Thread.ofVirtual().name("census").start(this::run);
    }
  }

  /** As of the last look that succeeded. */
  public Map<VolumeId, Resident> last() {
    return last;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        takeOrLog();
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void takeOrLog() {
    try {
      take();
    } catch (DriverException e) {
      LOG.debug("the volumes could not be counted: {}", e.getMessage()); // others say it louder
    } catch (RuntimeException e) {
      LOG.error("the volumes could not be counted", e);
    }
  }

  /** Looks now. */
  void take() {
    var found = new LinkedHashMap<VolumeId, Resident>();
    String token = "";
    do {
      var page = volumes.list(token, PAGE);
      page.volumes().forEach(volume -> found.put(volume.id(), resident(volume)));
      token = page.next().map(VolumeId::value).orElse("");
    } while (!token.isEmpty() && found.size() <= most);
    boolean tooMany = found.size() > most;
    if (tooMany && !toldTooMany) {
      LOG.warn("there are more than {} volumes: none has metrics, see VOLUME_METRICS", most);
    }
    toldTooMany = tooMany;
    last = tooMany ? Map.of() : Map.copyOf(found);
  }

  private static Resident resident(VolumeRecord volume) {
    return new Resident(volume.capacity(), volume.context().flatMap(VolumeContext::pvc));
  }
}
