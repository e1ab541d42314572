package io.juicebox.node.service;

import io.juicebox.csi.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of the program that owns the juicefs processes: the mount service, or the node
 * plugin where there is none.
 *
 * @param runDirectory {@code RUN_DIR}: keys of the mounts; on a tmpfs, gone with the boot
 * @param memoryLimit {@code MEMORY_LIMIT}: bytes for a juicefs whose StorageClass names no limit
 * @param reviveFor {@code REVIVE_FOR}: how long a juicefs that ended is tried to be replaced
 * @param hungAfter {@code HUNG_AFTER}: how long one may not answer until it is replaced
 */
public record MountLimits(
    Path runDirectory, long memoryLimit, Duration reviveFor, Duration hungAfter) {
  private static final long MEMORY_LIMIT = 512L << 20;

  /** As of a StorageClass's own. */
  private static final long SMALLEST_MEMORY_LIMIT = 64L << 20;

  /** Mistakes are the reader's to tell. */
  public static MountLimits from(SettingsReader reader) {
    long memory = reader.bytes("MEMORY_LIMIT").orElse(MEMORY_LIMIT);
    if (memory < SMALLEST_MEMORY_LIMIT) {
      reader.problem("MEMORY_LIMIT", "is less than 64Mi, which a juicefs needs for itself");
    }
    return new MountLimits(
        reader.directory("RUN_DIR", Path.of("/run/juicebox")),
        memory,
        reader.duration("REVIVE_FOR", Duration.ofMinutes(5)),
        reader.duration("HUNG_AFTER", Duration.ofMinutes(2)));
  }
}
