package io.juicebox.controller.redis;

import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Redis server as such, whatever lies in it. */
public final class RedisServer {
  /** Tells without CONFIG, which many a hosted server refuses: the limit between good and bad. */
  private static final LuaScript DATABASES =
      LuaScript.of(
          "databases",
          """
          local function exists(number)
            return not redis.pcall('SELECT', string.format('%.0f', number)).err
          end
          local good, bad = 0, 1
          while exists(bad) do
            good, bad = bad, bad * 2
          end
          while bad - good > 1 do
            local middle = math.floor((good + bad) / 2)
            if exists(middle) then
              good = middle
            else
              bad = middle
            end
          end
          return bad
          """);

  private final RedisConnection redis;

  public RedisServer(RedisConnection redis) {
    this.redis = redis;
  }

  /** Asks for everything at once. */
  public RedisFacts facts() {
    Map<String, String> info = fields(redis.<String>call(c -> c.info()));
    return new RedisFacts(
        info.getOrDefault("redis_version", "0"),
        info.getOrDefault("redis_mode", "standalone"),
        info.getOrDefault("role", "master"),
        (int) redis.number(DATABASES, List.of()),
        memory(info),
        info.getOrDefault("maxmemory_policy", "unknown"),
        info.getOrDefault("aof_enabled", "0").equals("1"),
        !info.getOrDefault("aof_last_write_status", "ok").equals("ok"),
        setting("appendfsync"),
        setting("aclfile"),
        info.containsKey("maxclients")
            ? OptionalInt.of((int) number(info, "maxclients"))
            : OptionalInt.empty());
  }

  public MemoryUse memory() {
    return memory(fields(redis.<String>call(c -> c.info("memory"))));
  }

  /**
   * Why nothing may be added, empty while there is room.
   *
   * @param most the share of the memory that may be used, 0 to 1
   */
  public Optional<Exhausted> full(double most) {
    MemoryUse memory = memory();
    if (memory.share() <= most) {
      return Optional.empty();
    }
    return Optional.of(
        new Exhausted(
            String.format(
                Locale.ROOT,
                "%s uses %.0f %% of its memory (%d bytes), more than %.0f %%: raise its maxmemory or delete volumes",
                redis.server(),
                memory.share() * 100,
                memory.used(),
                most * 100)));
  }

  /** Ends a pause of writes, see {@link ChangeFeed#pauseWrites}. */
  public void resumeWrites() {
    var _ = redis.<String>call(c -> client(c, "UNPAUSE"));
  }

  /** A command for which the client has no method. */
  static RedisFuture<String> client(RedisAsyncCommands<String, String> redis, String... words) {
    var arguments = new CommandArgs<>(StringCodec.ASCII);
    Stream.of(words).forEach(arguments::add);
    return redis.dispatch(CommandType.CLIENT, new StatusOutput<>(StringCodec.ASCII), arguments);
  }

  static Map<String, String> fields(@Nullable String info) {
    var fields = new HashMap<String, String>();
    Objects.requireNonNull(info)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(":", 2))
        .filter(pair -> pair.length == 2)
        .forEach(pair -> fields.put(pair[0], pair[1].strip()));
    return fields;
  }

  private Optional<String> setting(String name) {
    try {
      Map<String, String> answer = redis.call(c -> c.configGet(name));
      return answer == null ? Optional.empty() : Optional.ofNullable(answer.get(name));
    } catch (Forbidden | RedisCommandExecutionException e) {
      return Optional.empty(); // CONFIG is forbidden, renamed or not there
    }
  }

  private static MemoryUse memory(Map<String, String> info) {
    return new MemoryUse(
        number(info, "used_memory") - number(info, "mem_not_counted_for_evict"),
        number(info, "maxmemory"),
        number(info, "total_system_memory"));
  }

  private static long number(Map<String, String> info, String name) {
    return Long.parseLong(info.getOrDefault(name, "0"));
  }
}
