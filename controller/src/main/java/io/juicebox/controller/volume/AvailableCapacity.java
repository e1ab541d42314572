package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Room;
import io.juicebox.csi.status.DriverException.Unsupported;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.VolumeParameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says how much a backend could still give to volumes; only when its pool has a size. */
public final class AvailableCapacity {
  private final Backends backends;
  private final Optional<Capacity> pool;

  /**
   * @param pool what the capacities of a backend's volumes may come to
   */
  public AvailableCapacity(Backends backends, Optional<Capacity> pool) {
    this.backends = backends;
    this.pool = pool;
  }

  public boolean isOffered() {
    return pool.isPresent();
  }

  /** Bytes for volumes that are requested so. */
  public long bytes(List<Capability> capabilities, Map<String, String> parameters) {
    Capacity size = pool.orElseThrow(() -> new Unsupported("GetCapacity without a POOL_SIZE"));
    var wanted = VolumeParameters.from(parameters);
    capabilities.forEach(capability -> capability.requireOffered(wanted.mount().allowWriteback()));
    return decide(size, backends.chosen(wanted.backend()).registry().room());
  }

  /** Nothing without a number; a multiple of the unit, so that a volume can have all of it. */
  static long decide(Capacity pool, Room room) {
    long left = Math.max(0, pool.bytes() - room.bytes());
    return room.numberLeft() ? left - left % Capacity.UNIT : 0;
  }
}
