package io.juicebox.controller.volume;

import io.juicebox.csi.status.DriverException.Exhausted;
import java.util.Optional;

/** How full a backend's Redis is. */
@FunctionalInterface
public interface RedisMemory {
  /** Why no volume may be added, empty while there is room. */
  Optional<Exhausted> full();
}
