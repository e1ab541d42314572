package io.juicebox.controller.registry;

import io.juicebox.csi.volume.Capacity;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a registry gives out what it has.
 *
 * @param databases numbers are below it; as many as the server has when empty
 * @param rest how long a freed number is left alone, so that a client that was cut off notices
 * @param pool what the capacities of all volumes may come to; no bound when empty
 * @param lease how long a claim outlives a controller that died; a living one renews it
 */
public record RegistrySettings(
    OptionalInt databases, Duration rest, Optional<Capacity> pool, Duration lease) {
  /** Long enough for a garbage collection, short enough for a CO that calls again. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(5);
}
