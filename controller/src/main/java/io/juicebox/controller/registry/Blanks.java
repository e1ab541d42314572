package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ids of volumes to come whose accounts are made before them. An id is reserved before its account
 * is made and kept by whoever made it; one that is not kept any more is torn, and its account has
 * to go. {@link Registry#intend} makes a volume of one that is kept, in one step.
 */
public final class Blanks {
  private static final LuaScript RESERVE = Scripts.load("reserve");
  private static final LuaScript HOLD = Scripts.load("hold");
  private static final LuaScript TORN = Scripts.load("torn");
  private static final LuaScript DISCARD = Scripts.load("discard");

  private final RedisConnection redis;

  public Blanks(RedisConnection redis) {
    this.redis = redis;
  }

  /** Reserves an id for so long. */
  public void reserve(VolumeId id, Duration lease) {
    redis.number(RESERVE, List.of(), id.value(), Long.toString(lease.toMillis()));
  }

  /**
   * Keeps ids for so long from now.
   *
   * @return those that are torn or gone
   */
  public List<VolumeId> hold(Collection<VolumeId> ids, Duration lease) {
    var arguments =
        Stream.concat(
            Stream.of(Long.toString(lease.toMillis())), ids.stream().map(VolumeId::value));
    return Registry.ids(redis.list(HOLD, List.of(), arguments.toArray(String[]::new)));
  }

  /** Ids that nobody keeps, so many at most; nobody can keep them from now on. */
  public List<VolumeId> torn(int most) {
    return Registry.ids(redis.list(TORN, List.of(), Integer.toString(most)));
  }

  /** The account of a torn id is gone. */
  public void discard(VolumeId id) {
    redis.number(DISCARD, List.of(), id.value());
  }
}
