package io.juicebox.controller.redis;

import io.juicebox.csi.volume.BackendConnection;
import io.lettuce.core.resource.ClientResources;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The replicas that a server has now, reached with the server's own credentials. */
public final class RedisReplicas {
  /** One that is slow, or that only its master reaches, must not hold up every call. */
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private final RedisConnection master;
  private final ClientResources threads;
  private final BackendConnection backend;
  private final Duration timeout;
  private final ConcurrentHashMap<URI, RedisConnection> connections = new ConcurrentHashMap<>();

  public RedisReplicas(
      RedisConnection master,
      ClientResources threads,
      BackendConnection backend,
      Duration timeout) {
    this.master = master;
    this.threads = threads;
    this.backend = backend;
    this.timeout = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
  }

  /** The users of each; connections to those that are gone end. */
  public List<RedisUsers> users() {
    var info = RedisServer.fields(master.<String>call(c -> c.info("replication")));
    List<URI> now = addresses(info, backend.redis().getScheme());
    connections.forEach((address, connection) -> {
      if (!now.contains(address) && connections.remove(address, connection)) {
        connection.close();
      }
    });
    return now.stream()
        .map(address -> connections.computeIfAbsent(address, this::connect))
        .map(RedisUsers::new)
        .toList();
  }

  private RedisConnection connect(URI address) {
    return new RedisConnection(threads, backend.withRedis(address), timeout);
  }

  /** Those of lines like {@code slave0:ip=10.0.0.7,port=6379,state=online,...}. */
  static List<URI> addresses(Map<String, String> replication, String scheme) {
    return replication.entrySet().stream()
        .filter(line -> line.getKey().matches("slave\\d+"))
        .sorted(Map.Entry.comparingByKey())
        .flatMap(line -> address(line.getValue(), scheme).stream())
        .toList();
  }

  private static Optional<URI> address(String line, String scheme) {
    String host = value(line, "ip");
    String port = value(line, "port");
    if (host.isEmpty() || port.isEmpty()) {
      return Optional.empty();
    }
    String bracketed = host.contains(":") ? "[" + host + "]" : host;
    URI address = URI.create(scheme + "://" + bracketed + ":" + port);
    return Optional.of(address).filter(it -> it.getHost() != null); // a name with an underscore
  }

  private static String value(String line, String name) {
    return Arrays.stream(line.split(",", -1))
        .filter(pair -> pair.startsWith(name + "="))
        .map(pair -> pair.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }
}
