package io.juicebox.controller.meta;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.redis.RedisReplicas;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.controller.redis.RedisUsers.Client;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Number;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis users of each volume, named by {@link CredentialName} and confined to its number, on
 * every server of a backend. A replica that is away gets it later, from whoever looks at all {@link
 * #servers}.
 */
public final class Users {
  private static final Logger LOG = LoggerFactory.getLogger(Users.class);

  /**
   * All that JuiceFS and a node plugin use of Redis. By name and not by category: {@code @write}
   * has MOVE and COPY, which reach other numbers, {@code @connection} has CLIENT KILL. No scripts:
   * one that never ends would block the server.
   */
  private static final List<String> COMMANDS =
      Stream.of(
              "ping info cluster|info get set setnx mget mset del exists incr incrby decr decrby",
              "hget hset hsetnx hmget hmset hdel hlen hkeys hgetall hexists hincrby hscan",
              "sadd srem smembers zadd zrem zscore zrange zrangebyscore",
              "rpush rpushx lpush lrange llen ltrim watch unwatch multi exec discard")
          .flatMap(line -> Stream.of(line.split(" ", -1)))
          .map(command -> "+" + command)
          .toList();

  private final RedisUsers master;
  private final RedisReplicas replicas;

  public Users(RedisUsers master, RedisReplicas replicas) {
    this.master = master;
    this.replicas = replicas;
  }

  /** All servers, the one that takes writes first. */
  public List<RedisUsers> servers() {
    return Stream.concat(Stream.of(master), replicas.users().stream()).toList();
  }

  /**
   * The run of the server that takes writes: another one after a restart, or behind its address.
   */
  public String run() {
    return master.run();
  }

  /** Makes a volume's user, or gives it this password and no other. */
  public void put(CredentialName name, Number number, PasswordHash password) {
    List<String> rules = rules(number, password);
    master.put(name.value(), rules);
    onReplicas(users -> users.put(name.value(), rules));
  }

  /** Removes a volume's user everywhere and ends its connections. */
  public void remove(CredentialName name) {
    master.remove(name.value());
    onReplicas(users -> users.remove(name.value()));
  }

  /** The hosts of all clients, by the names of their users. Mounts have the first server alone. */
  public Map<String, Set<String>> clients() {
    return master.clients().stream()
        .collect(groupingBy(Client::user, mapping(Client::host, toSet())));
  }

  private void onReplicas(Consumer<RedisUsers> change) {
    for (RedisUsers replica : replicas.users()) {
      try {
        change.accept(replica);
      } catch (DriverException e) {
        LOG.warn("a replica is told of its users later: {}", e.getMessage());
      }
    }
  }

  /** What ACL SETUSER is told: nothing of what the user was before stays. */
  public static List<String> rules(Number number, PasswordHash password) {
    var rules = new ArrayList<>(List.of("reset", "on", "#" + password.value(), "resetchannels"));
    rules.addAll(List.of("~*", "-@all", "+select|" + number));
    rules.addAll(COMMANDS);
    return rules;
  }
}
