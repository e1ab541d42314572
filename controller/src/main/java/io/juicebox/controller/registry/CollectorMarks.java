package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the collectors of all controllers know of each other's work on one backend: who is at it,
 * when it was done last, and how far it came with volumes that were never copied (with others see
 * {@link Lineages}).
 */
public final class CollectorMarks {
  private static final LuaScript COLLECTED = Scripts.load("collected");
  private static final LuaScript DUE = Scripts.load("due");
  private static final LuaScript SWEPT = Scripts.load("swept");

  private static final String COLLECT = "collect";
  private static final String SWEEP_BLOCKS = "sweepBlocks";

  private final RedisConnection redis;
  private final Leases leases;

  public CollectorMarks(RedisConnection redis, RegistrySettings settings) {
    this.redis = redis;
    this.leases = new Leases(redis, settings.lease());
  }

  /** The right to collect dead blocks; empty while another controller has it. */
  public Optional<Claim> claimCollect() {
    return leases.take(COLLECT);
  }

  /** The right to look for blocks that nobody names; empty while another controller has it. */
  public Optional<Claim> claimSweepBlocks() {
    return leases.take(SWEEP_BLOCKS);
  }

  /** Remembers that all volumes have just been gone over for dead blocks. */
  public void collected(Claim claim) {
    var _ = redis.text(COLLECTED, List.of(), COLLECT, claim.token());
  }

  /** How long ago that was, whichever controller did it; empty when it has never been. */
  public Optional<Duration> sinceCollected() {
    return redis
        .text(COLLECTED, List.of(), COLLECT, "")
        .map(millis -> Duration.ofMillis(Math.max(0, Long.parseLong(millis))));
  }

  /**
   * A page of the ready volumes whose blocks have not been compared with their metadata for so
   * long. The time of a volume that has never been begins with this call.
   *
   * @param after the page before ends with it; empty for the first page
   * @param most how many volumes to look at
   */
  public DueSweeps due(Optional<VolumeId> after, int most, Duration interval) {
    var answer =
        redis.list(
            DUE,
            List.of(),
            after.map(VolumeId::value).orElse(""),
            Integer.toString(most),
            Long.toString(interval.toMillis()));
    return DueSweeps.read(answer);
  }

  /**
   * Remembers how far the comparison of a ready volume's blocks came.
   *
   * @param position where to go on; empty when it is complete
   */
  public void swept(VolumeId id, Optional<String> position) {
    redis.number(SWEPT, List.of(), id.value(), position.orElse(""));
  }
}
