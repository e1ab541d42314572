package io.juicebox.controller.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A large hash, set or sorted set of the number that a connection stays in. It is read by plain
 * commands, because a script takes six times as long for it.
 */
public record LargeValue(String key, Kind kind) {
  /** What it is, and so what its parts are. */
  public enum Kind {
    /** Fields, each with its value. */
    HASH,
    /** Members. */
    SET,
    /** Members, each with its score, a whole number. */
    SORTED_SET
  }

  /**
   * Some of its parts.
   *
   * @param next where the next ones begin; empty after the last ones
   */
  public record Part(List<String> parts, Optional<String> next) {}

  /**
   * About so many of its elements, none where it is not there any more. What is there all the while
   * is in one part or in several.
   *
   * @param from empty for the first ones
   */
  public Part part(RedisConnection redis, Optional<String> from, int most) {
    ScanCursor cursor = from.map(ScanCursor::of).orElse(ScanCursor.INITIAL);
    ScanArgs count = ScanArgs.Builder.limit(most);
    return switch (kind) {
      case HASH -> {
        var page = answer(redis, c -> c.hscan(key, cursor, count));
        yield part(page, pairs(page.getMap()));
      }
      case SET -> {
        var page = answer(redis, c -> c.sscan(key, cursor, count));
        yield part(page, page.getValues());
      }
      case SORTED_SET -> {
        var page = answer(redis, c -> c.zscan(key, cursor, count));
        yield part(page, scores(page.getValues()));
      }
    };
  }

  private static <T> T answer(
      RedisConnection redis, Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
    return Objects.requireNonNull(redis.call(command));
  }

  private static Part part(ScanCursor page, List<String> parts) {
    return new Part(parts, page.isFinished() ? Optional.empty() : Optional.of(page.getCursor()));
  }

  /** Asks for all of it, of one instant, however long that keeps the server. */
  CompletableFuture<List<String>> whole(RedisAsyncCommands<String, String> redis) {
    return switch (kind) {
      case HASH -> redis.hgetall(key).toCompletableFuture().thenApply(LargeValue::pairs);
      case SET -> redis.smembers(key).toCompletableFuture().thenApply(List::copyOf);
      case SORTED_SET ->
          redis.zrangeWithScores(key, 0, -1).toCompletableFuture().thenApply(LargeValue::scores);
    };
  }

  private static List<String> pairs(Map<String, String> fields) {
    var parts = new ArrayList<String>(fields.size() * 2);
    fields.forEach((field, value) -> {
      parts.add(field);
      parts.add(value);
    });
    return parts;
  }

  private static List<String> scores(List<ScoredValue<String>> members) {
    var parts = new ArrayList<String>(members.size() * 2);
    for (ScoredValue<String> member : members) {
      parts.add(member.getValue());
      parts.add(Long.toString((long) member.getScore()));
    }
    return parts;
  }
}
