package io.juicebox.node.proof;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.tls.TlsFailures;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.node.proof.RedisConnections.Purpose;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the metadata of a volume at its number, and the little that a node may change there. Uses
 * commands that the volume's own Redis user has; no scripts.
 *
 * <p>Each call proves the password, on a kept connection by another AUTH.
 */
final class RedisMetadata implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SID = Pattern.compile("\\d{1,18}");

  private final Duration limit;
  private final RedisConnections connections;

  /**
   * @param limit of a call: half of it for the connection, half for each answer
   */
  RedisMetadata(Duration limit) {
    this.limit = limit.dividedBy(2);
    this.connections = new RedisConnections(this.limit);
  }

  /** Checks that the number holds the volume's filesystem, and answers its live sessions. */
  List<Session> prove(VolumeContext volume, BackendConnection connection) {
    return ask(
        volume,
        connection,
        redis -> {
          RedisFuture<String> setting = redis.get("setting");
          RedisFuture<List<String>> ids =
              redis.zrangebyscore("allSessions", Range.from(afterNow(), unbounded()));
          RedisFuture<Map<String, String>> infos = redis.hgetall("sessionInfos");
          check(volume, connection, answer(setting));
          return sessions(answer(ids), answer(infos));
        });
  }

  void release(VolumeContext volume, BackendConnection connection, Collection<Session> dead) {
    ask(
        volume,
        connection,
        redis -> {
          dead.forEach(session -> release(redis, session.id()));
          return dead;
        });
  }

  @Override
  public void close() {
    connections.close();
  }

  private static void check(
      VolumeContext volume, BackendConnection connection, @Nullable String setting) {
    String uuid = parse(setting == null ? "{}" : setting).path("UUID").asText();
    if (!uuid.equals(volume.uuid().toString())) {
      throw new NotFound(
          "the volume does not exist: number %s of %s %s"
              .formatted(
                  volume.number(),
                  connection.redisName(),
                  uuid.isEmpty() ? "is empty" : "holds another volume"));
    }
  }

  /** JuiceFS pkg/meta/redis.go: members of allSessions have the second of their expiry as score. */
  private static Range.Boundary<Long> afterNow() {
    return Range.Boundary.excluding(System.currentTimeMillis() / 1000);
  }

  private static Range.Boundary<Long> unbounded() {
    return Range.Boundary.unbounded();
  }

  private static List<Session> sessions(List<String> ids, Map<String, String> infos) {
    var sessions = new ArrayList<Session>();
    for (String id : ids) {
      if (!SID.matcher(id).matches()) {
        continue; // no JuiceFS wrote it
      }
      JsonNode info = parse(infos.getOrDefault(id, "{}"));
      sessions.add(
          new Session(
              Long.parseLong(id),
              info.path("HostName").asText("unknown"),
              info.path("ProcessID").asLong(),
              info.path("MountPoint").asText()));
    }
    return sessions;
  }

  /**
   * JuiceFS pkg/meta/redis.go, doCleanStaleSession: {@code locked<sid>} names the lock keys, whose
   * fields begin with the session. Open but unlinked files are left to the next mount, which finds
   * the session expired.
   */
  private void release(RedisAsyncCommands<String, String> redis, long session) {
    String locked = "locked" + session;
    for (String key : answer(redis.smembers(locked))) {
      String[] held =
          answer(redis.hkeys(key)).stream()
              .filter(owner -> owner.startsWith(session + "_"))
              .toArray(String[]::new);
      if (held.length > 0) {
        answer(redis.hdel(key, held));
      }
      answer(redis.srem(locked, key));
    }
    answer(redis.zadd("allSessions", 0, Long.toString(session)));
  }

  private <T> T ask(
      VolumeContext volume,
      BackendConnection connection,
      Function<RedisAsyncCommands<String, String>, T> question) {
    Purpose purpose = Purpose.of(connection, volume.number());
    try {
      var kept = connections.takeKept(purpose);
      if (kept.isPresent()) {
        try {
          return ask(purpose, kept.get(), question);
        } catch (RedisCommandExecutionException | RedisCommandTimeoutException e) {
          throw e;
        } catch (RedisException e) {
          // it broke since its last use: a new one will tell
        }
      }
      return ask(purpose, connections.open(purpose), question);
    } catch (RedisException e) {
      throw failure(e, volume, connection.redisName());
    }
  }

  /** Only a connection that has answered everything is kept. */
  private <T> T ask(
      Purpose purpose,
      StatefulRedisConnection<String, String> redis,
      Function<RedisAsyncCommands<String, String>, T> question) {
    boolean works = false;
    try {
      enter(redis.async(), purpose);
      T answer = question.apply(redis.async());
      works = true;
      return answer;
    } finally {
      if (works) {
        connections.keep(purpose, redis);
      } else {
        var _ = redis.closeAsync();
      }
    }
  }

  /** Sends both at once; without the right password the second is refused, too. */
  private void enter(RedisAsyncCommands<String, String> redis, Purpose purpose) {
    Optional<RedisFuture<String>> password = authenticate(redis, purpose);
    RedisFuture<String> number = redis.select(purpose.number().value());
    password.ifPresent(this::answer);
    answer(number);
  }

  private static Optional<RedisFuture<String>> authenticate(
      RedisAsyncCommands<String, String> redis, Purpose purpose) {
    String password = purpose.password().reveal();
    if (purpose.user().isPresent()) {
      return Optional.of(redis.auth(purpose.user().get(), password));
    }
    return password.isEmpty() ? Optional.empty() : Optional.of(redis.auth(password));
  }

  private <T> T answer(RedisFuture<T> future) {
    return LettuceFutures.awaitOrCancel(future, limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static DriverException failure(RedisException e, VolumeContext volume, String server) {
    return TlsFailures.redis(server).of(e).orElseGet(() -> ofReply(e, volume, server));
  }

  private static DriverException ofReply(RedisException e, VolumeContext volume, String server) {
    Throwable cause = e;
    for (Throwable next = e; next != null; next = next.getCause()) {
      cause = next;
    }
    String text = String.valueOf(cause.getMessage());
    String said = Printable.of(text);
    if (text.startsWith("WRONGPASS") || text.startsWith("NOAUTH") || text.contains(" AUTH ")) {
      return new Unauthenticated(server, said);
    }
    if (text.startsWith("NOPERM")) {
      return new Forbidden(server, said);
    }
    if (text.contains("DB index is out of range")) {
      return new PreconditionFailed(
          "%s has no database %s, where the volume's metadata are"
              .formatted(server, volume.number()));
    }
    return new BackendUnavailable(server, said, e);
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }
}
