package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * How far the {@link IssuedCredentials} of ready volumes are changed. Transitions throw {@link
 * OperationPending} when the claim was lost.
 */
public final class Rotations {
  private static final LuaScript ROTATE = Scripts.load("rotate");
  private static final LuaScript ROTATED = Scripts.load("rotated");
  private static final LuaScript RETIRE = Scripts.load("retire");
  private static final LuaScript RETIRED = Scripts.load("retired");
  private static final LuaScript ROTATIONS = Scripts.load("rotations");

  private final RedisConnection redis;

  public Rotations(RedisConnection redis) {
    this.redis = redis;
  }

  /**
   * The next credentials of a volume are being made; their user has this password. May be repeated
   * with another one.
   */
  public void begin(Claim claim, PasswordHash next) {
    Registry.check(
        claim, redis.number(ROTATE, List.of(), claim.key(), claim.token(), next.value()));
  }

  /**
   * Nodes get the next credentials from now on: they are the present ones.
   *
   * @param overlap how long the former ones work at least
   * @return until when that is, by the server's clock
   */
  public Instant end(Claim claim, Duration overlap) {
    String millis = Long.toString(overlap.toMillis());
    long until = redis.number(ROTATED, List.of(), claim.key(), claim.token(), millis);
    if (until == 0) {
      throw new OperationPending(claim.key());
    }
    return Instant.ofEpochMilli(until);
  }

  /** Why former credentials may have to go. */
  public enum Reason {
    /** Somebody wants it so. */
    FORCED,
    /** No client is seen with them. */
    UNUSED,
    /** A client is seen with them. */
    USED
  }

  /**
   * Decides whether the former credentials of a volume are removed now: where it is forced, or
   * where their time is over and no client was seen at two looks. That is kept until they are
   * forgotten.
   *
   * @param pause between two such looks at least
   */
  public boolean retire(Claim claim, Reason reason, Duration pause) {
    var answer =
        redis
            .text(
                RETIRE,
                List.of(),
                claim.key(),
                claim.token(),
                reason.name().toLowerCase(Locale.ROOT),
                Long.toString(pause.toMillis()))
            .orElseThrow();
    return switch (answer) {
      case "end" -> true;
      case "wait", "none" -> false;
      default -> throw new OperationPending(claim.key());
    };
  }

  /** The former credentials work no more. */
  public void forgetFormer(Claim claim) {
    forget(claim, "former");
  }

  /** The next credentials are not going to be; nothing accepts them. */
  public void forgetNext(Claim claim) {
    forget(claim, "next");
  }

  private void forget(Claim claim, String which) {
    Registry.check(claim, redis.number(RETIRED, List.of(), claim.key(), claim.token(), which));
  }

  /** Volumes, so many at most, whose rotation is under way or whose former ones may go now. */
  public List<VolumeId> due(int most) {
    return Registry.ids(redis.list(ROTATIONS, List.of(), Integer.toString(most)));
  }
}
