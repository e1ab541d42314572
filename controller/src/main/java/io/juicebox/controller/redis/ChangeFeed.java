package io.juicebox.controller.redis;

import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Number;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The keys of one number that change, by Redis's keyspace events, from the time it was opened until
 * it is closed. For one thread.
 *
 * <p>Redis tells such changes only where {@code notify-keyspace-events} says so. What a feed needs
 * is added there and stays: the setting is the whole server's, and another feed may need it. A
 * server that drops us, because we were slow or it was restarted, ends the feed for good. FLUSHDB
 * and SWAPDB tell no one.
 */
public final class ChangeFeed implements AutoCloseable {
  private static final String SETTING = "notify-keyspace-events";

  /** Events by key; of generic commands, strings, lists, sets, hashes, sorted sets, expiry. */
  private static final String NEEDED = "Eg$lshzxe";

  private final RedisConnection redis;
  private final StatefulRedisPubSubConnection<String, String> connection;

  /** Touched by the connection's own thread alone. */
  private final Set<String> changed = new HashSet<>();

  private final Map<String, CompletableFuture<Set<String>>> awaited = new ConcurrentHashMap<>();
  private final String marks = "juicebox-marks-" + UUID.randomUUID();

  ChangeFeed(RedisConnection redis, StatefulRedisPubSubConnection<String, String> connection) {
    this.redis = redis;
    this.connection = connection;
  }

  /** Has the server tell changes; a setting that does so already is left alone. */
  static void announce(RedisConnection redis) {
    try {
      String now = setting(redis);
      String wanted = with(now);
      if (!wanted.equals(now)) {
        var _ = redis.<String>call(c -> c.configSet(SETTING, wanted));
      }
    } catch (Forbidden | RedisCommandExecutionException e) {
      throw new PreconditionFailed(
          "%s refuses CONFIG (%s): have its %s contain %s"
              .formatted(redis.server(), e.getMessage(), SETTING, NEEDED));
    }
  }

  private static String setting(RedisConnection redis) {
    Map<String, String> answer = redis.call(c -> c.configGet(SETTING));
    return answer == null ? "" : answer.getOrDefault(SETTING, "");
  }

  /** The value of the setting that tells what a feed needs beside what is there. */
  static String with(String flags) {
    String lacking =
        NEEDED
            .chars()
            .filter(flag -> flags.indexOf(flag) < 0 && (flag == 'E' || flags.indexOf('A') < 0))
            .mapToObj(flag -> String.valueOf((char) flag))
            .collect(Collectors.joining());
    return flags + lacking;
  }

  /** Ends when the server has confirmed the subscriptions. */
  CompletionStage<?> begin(Number number) {
    connection.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String pattern, String channel, String key) {
            changed.add(key);
          }

          @Override
          public void message(String channel, String mark) {
            passed(mark);
          }
        });
    RedisPubSubAsyncCommands<String, String> redis = connection.async();
    return redis
        .subscribe(marks)
        .thenCompose(_ -> redis.psubscribe("__keyevent@" + number + "__:*"));
  }

  /**
   * A mark came, which the server sent after all events before it. Marks are messages like events:
   * answers of commands on this connection overtake events within Lettuce (7.7.0).
   */
  private void passed(String mark) {
    CompletableFuture<Set<String>> waiting = awaited.remove(mark);
    if (waiting != null) {
      var keys = Set.copyOf(changed);
      changed.clear();
      waiting.complete(keys);
    }
  }

  /**
   * The keys that changed before this call since the last one.
   *
   * @throws BackendUnavailable when the feed has ended: some changes were missed
   */
  public Set<String> changed() {
    String mark = UUID.randomUUID().toString();
    var keys = await(mark);
    var _ = redis.<Long>call(c -> c.publish(marks, mark));
    return arrived(keys);
  }

  /**
   * Makes every client's write wait, in all numbers, until {@link #readAndResume} or for so long;
   * reads go on, also by scripts that declare that they write nothing.
   *
   * @return the keys that changed before that since the last call
   * @throws BackendUnavailable when the feed has ended: some changes were missed
   */
  public Set<String> pauseWrites(Duration atMost) {
    String mark = UUID.randomUUID().toString();
    var keys = await(mark);
    var _ =
        redis.together(c -> {
          // A mark that came after the pause would wait for its end.
          var _ = c.multi();
          var _ = RedisServer.client(c, "PAUSE", Long.toString(atMost.toMillis()), "WRITE");
          var _ = c.publish(marks, mark);
          return c.exec();
        });
    return arrived(keys);
  }

  private Set<String> arrived(CompletableFuture<Set<String>> keys) {
    if (!connection.isOpen()) {
      throw ended();
    }
    return redis.await(keys);
  }

  /**
   * What was read last in a pause.
   *
   * @param values the parts of each large value
   * @param changed the keys that changed before all was read, since the last call
   * @param resumedAt when writes went on at the latest, by {@link System#nanoTime}
   */
  public record Last(List<List<String>> values, Set<String> changed, long resumedAt) {}

  /**
   * Reads large values, each whole, and ends the pause of writes: in one go, so that writers wait
   * until the server has read, and not until the answers have come.
   *
   * @throws BackendUnavailable when the feed has ended: some changes were missed
   */
  public Last readAndResume(List<LargeValue> large) {
    var values = new ArrayList<CompletableFuture<List<String>>>();
    String mark = UUID.randomUUID().toString();
    var keys = await(mark);
    var resumed = keys.thenApply(_ -> System.nanoTime());
    var _ =
        redis.<Long>together(c -> {
          large.forEach(value -> values.add(value.whole(c)));
          var _ = RedisServer.client(c, "UNPAUSE");
          // Would have waited for the pause's end; and must come before those that do.
          return c.publish(marks, mark);
        });
    Set<String> before = arrived(keys);
    return new Last(values.stream().map(redis::await).toList(), before, redis.await(resumed));
  }

  private CompletableFuture<Set<String>> await(String mark) {
    var keys = new CompletableFuture<Set<String>>();
    awaited.put(mark, keys);
    return keys;
  }

  /**
   * Fails where the server may have kept changes from us.
   *
   * @throws BackendUnavailable when somebody changed what it tells
   */
  public void requireComplete() {
    String now = setting(redis);
    if (!connection.isOpen() || !with(now).equals(now)) {
      throw ended();
    }
  }

  private BackendUnavailable ended() {
    return new BackendUnavailable(
        redis.server(), "it has stopped telling changes, call again", null);
  }

  @Override
  public void close() {
    var _ = connection.closeAsync();
  }
}
