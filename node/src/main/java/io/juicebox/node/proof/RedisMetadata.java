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
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Reads the metadata of a volume at its number, and the little that a node may change there. Uses
 * commands that the volume's own Redis user has; no scripts.
 */
final class RedisMetadata implements AutoCloseable {
  private static final int DEFAULT_PORT = 6379;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Duration limit;
  private final ClientResources resources =
      DefaultClientResources.builder().ioThreadPoolSize(1).computationThreadPoolSize(2).build();
  private final RedisClient client = RedisClient.create(resources);

  RedisMetadata(Duration limit) {
    this.limit = limit;
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(false)
            .protocolVersion(ProtocolVersion.RESP2) // no HELLO and nothing that ACLs would refuse
            .socketOptions(SocketOptions.builder().connectTimeout(limit.dividedBy(2)).build())
            .build());
  }

  /** Checks that the number holds the volume's filesystem, and answers its live sessions. */
  List<Session> prove(VolumeContext volume, BackendConnection connection) {
    return ask(
        volume,
        connection,
        redis -> {
          String setting = redis.get("setting");
          if (setting == null || !uuid(setting).equals(volume.uuid().toString())) {
            throw new NotFound(
                "the volume does not exist: number %s of %s %s"
                    .formatted(
                        volume.number(),
                        connection.redisName(),
                        setting == null ? "is empty" : "holds another volume"));
          }
          return live(redis);
        });
  }

  void release(VolumeContext volume, BackendConnection connection, Collection<Session> dead) {
    ask(
        volume,
        connection,
        redis -> {
          for (Session session : dead) {
            release(redis, session.id());
          }
          return dead;
        });
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
  }

  /** JuiceFS pkg/meta/redis.go: members of allSessions have the second of their expiry as score. */
  private static List<Session> live(RedisCommands<String, String> redis) {
    long now = System.currentTimeMillis() / 1000;
    List<String> ids =
        redis.zrangebyscore(
            "allSessions", Range.from(Range.Boundary.excluding(now), Range.Boundary.unbounded()));
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<String, String> infos = redis.hgetall("sessionInfos");
    var sessions = new ArrayList<Session>();
    for (String id : ids) {
      sessions.add(session(id, infos.getOrDefault(id, "{}")));
    }
    return sessions;
  }

  private static Session session(String id, String info) {
    JsonNode json = parse(info);
    return new Session(
        Long.parseLong(id),
        json.path("HostName").asText("unknown"),
        json.path("ProcessID").asLong(),
        json.path("MountPoint").asText());
  }

  /**
   * JuiceFS pkg/meta/redis.go, doCleanStaleSession: {@code locked<sid>} names the lock keys, whose
   * fields begin with the session. Open but unlinked files are left to the next mount, which finds
   * the session expired.
   */
  private static void release(RedisCommands<String, String> redis, long session) {
    String locked = "locked" + session;
    for (String key : redis.smembers(locked)) {
      String[] held =
          redis.hkeys(key).stream()
              .filter(owner -> owner.startsWith(session + "_"))
              .toArray(String[]::new);
      if (held.length > 0) {
        redis.hdel(key, held);
      }
      redis.srem(locked, key);
    }
    redis.zadd("allSessions", 0, Long.toString(session));
  }

  private <T> T ask(
      VolumeContext volume,
      BackendConnection connection,
      Function<RedisCommands<String, String>, T> question) {
    try (StatefulRedisConnection<String, String> redis = client.connect(uri(volume, connection))) {
      return question.apply(redis.sync());
    } catch (RedisException e) {
      throw failure(e, volume, connection.redisName());
    }
  }

  private RedisURI uri(VolumeContext volume, BackendConnection connection) {
    URI address = connection.redis();
    var builder =
        RedisURI.builder()
            .withHost(address.getHost())
            .withPort(address.getPort() < 0 ? DEFAULT_PORT : address.getPort())
            .withSsl(address.getScheme().equals("rediss"))
            .withTimeout(limit)
            .withDatabase(volume.number().value());
    char[] password = connection.redisPassword().reveal().toCharArray();
    if (connection.redisUser().isPresent()) {
      builder.withAuthentication(connection.redisUser().get(), password);
    } else if (password.length > 0) {
      builder.withPassword(password);
    }
    return builder.build();
  }

  private static DriverException failure(RedisException e, VolumeContext volume, String server) {
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

  private static String uuid(String setting) {
    return parse(setting).path("UUID").asText();
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }
}
