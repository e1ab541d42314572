package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(Blanks.class);

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

  /**
   * Ids that nobody keeps, so many at most; nobody can keep them from now on. What is no id, which
   * another version may have written, is forgotten: no account has its name.
   */
  public List<VolumeId> torn(int most) {
    var ids = new ArrayList<VolumeId>();
    for (var entry : redis.list(TORN, List.of(), Integer.toString(most))) {
      String text = String.valueOf(entry);
      VolumeId.tryParse(text).ifPresentOrElse(ids::add, () -> forgetStrange(text));
    }
    return ids;
  }

  private void forgetStrange(String entry) {
    LOG.warn("the registry has {} among the ids of volumes to come: it goes", Printable.of(entry));
    redis.number(DISCARD, List.of(), entry);
  }

  /** The account of a torn id is gone. */
  public void discard(VolumeId id) {
    redis.number(DISCARD, List.of(), id.value());
  }
}
