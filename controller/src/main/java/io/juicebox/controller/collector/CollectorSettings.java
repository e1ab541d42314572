package io.juicebox.controller.collector;

import io.juicebox.csi.settings.SettingsReader;
import java.time.Duration;

/**
 * How eagerly space is given back.
 *
 * @param interval the pause between two passes over all volumes
 * @param blocksPerSecond how many blocks of a backend are deleted at most
 * @param sweepInterval how often a volume's blocks are compared with its metadata
 * @param blockMinAge a younger block may belong to a write that is under way
 */
public record CollectorSettings(
    Duration interval, int blocksPerSecond, Duration sweepInterval, Duration blockMinAge) {
  private static final int MOST_BLOCKS = 1_000_000;

  /** Reads the environment. */
  public static CollectorSettings from(SettingsReader reader) {
    return new CollectorSettings(
        reader.duration("COLLECT_INTERVAL", Duration.ofSeconds(20)),
        reader.number("COLLECT_BLOCKS_PER_SECOND", 1, MOST_BLOCKS).orElse(2_000),
        reader.duration("SWEEP_BLOCKS_INTERVAL", Duration.ofDays(7)),
        reader.duration("BLOCK_MIN_AGE", Duration.ofHours(1)));
  }
}
