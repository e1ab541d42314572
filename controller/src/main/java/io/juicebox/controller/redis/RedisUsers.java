package io.juicebox.controller.redis;

import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The users of one Redis server. It has them for itself alone: neither its replicas nor a Sentinel
 * carry them on.
 */
public final class RedisUsers {
  private final RedisConnection redis;

  public RedisUsers(RedisConnection redis) {
    this.redis = redis;
  }

  /** The server, as messages name it. */
  public String server() {
    return redis.server();
  }

  /** Names the run of the server since its start. */
  public String run() {
    return RedisServer.fields(redis.<String>call(c -> c.info("server"))).getOrDefault("run_id", "");
  }

  public Set<String> names() {
    return Set.copyOf(Objects.requireNonNull(redis.<List<String>>call(c -> c.aclUsers())));
  }

  /**
   * Makes a user, or gives one other rules in one step.
   *
   * @param rules as ACL SETUSER takes them
   */
  public void put(String name, List<String> rules) {
    var arguments = new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add(name);
    rules.forEach(arguments::add);
    redis.<String>call(
        c -> c.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments));
  }

  /** Removes a user and ends its connections; does nothing when there is none. */
  public void remove(String name) {
    redis.<Long>call(c -> c.aclDeluser(name));
  }

  /** A connection of somebody. */
  public record Client(String user, String host) {
    private static final Pattern LINE = Pattern.compile("(?:^| )addr=(\\S*):\\d+ .* user=(\\S+)");

    static Optional<Client> parse(String line) {
      Matcher matcher = LINE.matcher(line);
      return matcher.find()
          ? Optional.of(new Client(matcher.group(2), matcher.group(1)))
          : Optional.empty();
    }
  }

  /** All that are connected now. */
  public List<Client> clients() {
    return Objects.requireNonNull(redis.<String>call(c -> c.clientList()))
        .lines()
        .flatMap(line -> Client.parse(line).stream())
        .toList();
  }

  /**
   * Has the server remember its users over a restart.
   *
   * @return whether it does; not without the setting {@code aclfile}
   */
  public boolean save() {
    try {
      redis.<String>call(c -> c.aclSave());
      return true;
    } catch (RedisCommandExecutionException e) {
      if (String.valueOf(e.getMessage()).contains("not configured to use an ACL file")) {
        return false;
      }
      throw new BackendUnavailable(server(), "it can't save its users: " + e.getMessage(), e);
    }
  }
}
