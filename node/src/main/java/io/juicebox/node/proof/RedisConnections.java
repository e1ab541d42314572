package io.juicebox.node.proof;

import io.juicebox.csi.tls.TlsFactories;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RedisTls;
import io.juicebox.csi.volume.Secret;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.event.Event;
import io.lettuce.core.event.EventBus;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;

/**
 * Connections to the numbers of volumes. One that was given back is kept a little for the same
 * number and the same credentials: the calls for a volume come in groups.
 */
final class RedisConnections implements AutoCloseable {
  private static final int DEFAULT_PORT = 6379;
  private static final Duration KEPT = Duration.ofSeconds(10);

  /** What a connection is for. */
  record Purpose(URI address, RedisTls tls, Optional<String> user, Secret password, Number number) {
    static Purpose of(BackendConnection connection, Number number) {
      return new Purpose(
          connection.redis(),
          connection.redisTls(),
          connection.redisUser(),
          connection.redisPassword(),
          number);
    }
  }

  /** Nobody listens; the library's own bus brings 150 classes of a reactive library. */
  private static final class NoEvents implements EventBus {
    @Override
    public Flux<Event> get() {
      return Flux.empty();
    }

    @Override
    public void publish(Event event) {}
  }

  private final Duration limit;
  private final ClientResources resources =
      DefaultClientResources.builder()
          .ioThreadPoolSize(2) // the library takes no fewer
          .computationThreadPoolSize(2)
          .addressResolverGroup(DefaultAddressResolverGroup.INSTANCE) // the system's own
          .commandLatencyRecorder(CommandLatencyRecorder.disabled())
          .eventBus(new NoEvents())
          .build();

  /** One for each way to trust: a client has it for all its connections. There are few. */
  private final ConcurrentHashMap<RedisTls, RedisClient> clients = new ConcurrentHashMap<>();

  private final ConcurrentHashMap<Purpose, StatefulRedisConnection<String, String>> kept =
      new ConcurrentHashMap<>();

  /**
   * @param limit for a connection to be made
   */
  RedisConnections(Duration limit) {
    this.limit = limit;
  }

  private RedisClient client(RedisTls tls) {
    var client = new AsyncRedisClient(resources);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(false)
            .protocolVersion(ProtocolVersion.RESP2) // no HELLO and nothing that ACLs would refuse
            .pingBeforeActivateConnection(false)
            .socketOptions(SocketOptions.builder().connectTimeout(limit).build())
            .sslOptions(ssl(tls))
            .build());
    return client;
  }

  private SslOptions ssl(RedisTls tls) {
    var options = SslOptions.builder().jdkSslProvider().handshakeTimeout(limit);
    tls.authorities().ifPresent(them -> options.trustManager(TlsFactories.trust(them)));
    tls.client().ifPresent(own -> options.keyManager(TlsFactories.identity(own)));
    return options.build();
  }

  /** A kept connection, from now on the caller's; it may have broken meanwhile. */
  Optional<StatefulRedisConnection<String, String>> takeKept(Purpose purpose) {
    return Optional.ofNullable(kept.remove(purpose));
  }

  /**
   * A new connection, not authenticated and in no number: a refusal while Lettuce connects closes
   * the connection, and at times it is that end which it reports (7.7.0).
   */
  StatefulRedisConnection<String, String> open(Purpose purpose) {
    return clients.computeIfAbsent(purpose.tls(), this::client).connect(uri(purpose.address()));
  }

  /** Takes a connection back that works. */
  void keep(Purpose purpose, StatefulRedisConnection<String, String> connection) {
    var former = kept.put(purpose, connection);
    if (former != null) {
      var _ = former.closeAsync();
    }
    var _ =
        resources
            .eventExecutorGroup()
            .schedule(
                () -> {
                  if (kept.remove(purpose, connection)) {
                    var _ = connection.closeAsync();
                  }
                },
                KEPT.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    clients.values().forEach(client -> client.shutdown(Duration.ZERO, Duration.ofSeconds(1)));
    var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
  }

  private RedisURI uri(URI address) {
    return RedisURI.builder()
        .withHost(address.getHost())
        .withPort(address.getPort() < 0 ? DEFAULT_PORT : address.getPort())
        .withSsl(address.getScheme().equals("rediss"))
        .withTimeout(limit)
        .build();
  }
}
