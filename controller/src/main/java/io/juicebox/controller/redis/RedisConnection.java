package io.juicebox.controller.redis;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.tls.TlsFactories;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RedisTls;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One shared connection to a Redis server, for any number of threads.
 *
 * <p>It is made by the first call that needs it and made again by the first call after it broke, so
 * that a server that comes back works at once and without a restart. Every call ends within the
 * timeout, connecting included: a refused connection fails at once, a server that doesn't answer
 * after the timeout. No call is repeated by itself: after a failure it may or may not have
 * happened.
 *
 * <p>The connection stays in database 0, which is empty. Another one is reached by a script that
 * begins with {@code redis.call('SELECT', n)}: Redis undoes that when the script ends.
 *
 * <p>Failures: {@link DriverException.BackendUnavailable}, {@link DriverException.Unauthenticated},
 * {@link DriverException.Forbidden}, and {@link DriverException.Exhausted} when Redis is out of
 * memory. Any other error reply is the driver's own mistake and thrown as it stands.
 */
public final class RedisConnection implements AutoCloseable {
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(3);
  private static final Number NOBODYS = new Number(0);

  private final RedisFailures failures;
  private final BackendConnection backend;
  private final RedisURI address;
  private final Duration timeout;
  private final RedisClient client;
  private final RedisCodec<String, String> codec;
  private final Number number;
  private final AtomicReference<@Nullable Link> current = new AtomicReference<>();

  /**
   * @param resources the threads, shared by all connections of a process, see {@link #resources}
   * @param timeout of each call, connecting included
   */
  public RedisConnection(ClientResources resources, BackendConnection backend, Duration timeout) {
    this(resources, backend, timeout, StringCodec.UTF8, NOBODYS);
  }

  /**
   * One that stays in a number instead, and whose values are no texts: each char of its strings,
   * sent and received, is one byte.
   */
  public static RedisConnection within(
      Number number, ClientResources resources, BackendConnection backend, Duration timeout) {
    return new RedisConnection(resources, backend, timeout, new ByteCodec(), number);
  }

  private RedisConnection(
      ClientResources resources,
      BackendConnection backend,
      Duration timeout,
      RedisCodec<String, String> codec,
      Number number) {
    this.codec = codec;
    this.number = number;
    this.timeout = timeout;
    this.failures = new RedisFailures(backend.redisName());
    this.address = address(backend, timeout);
    this.backend = backend;
    this.client = RedisClient.create(resources);
    client.setOptions(
        ClientOptions.builder()
            .protocolVersion(ProtocolVersion.RESP2)
            .autoReconnect(false)
            .pingBeforeActivateConnection(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .socketOptions(
                SocketOptions.builder()
                    .connectTimeout(
                        LONGEST_CONNECT.compareTo(timeout) < 0 ? LONGEST_CONNECT : timeout)
                    .build())
            .sslOptions(ssl(backend.redisTls(), timeout))
            .build());
  }

  private static SslOptions ssl(RedisTls tls, Duration timeout) {
    var options = SslOptions.builder().jdkSslProvider().handshakeTimeout(timeout);
    tls.authorities().ifPresent(them -> options.trustManager(TlsFactories.trust(them)));
    tls.client().ifPresent(own -> options.keyManager(TlsFactories.identity(own)));
    return options.build();
  }

  private static RedisURI address(BackendConnection backend, Duration timeout) {
    return RedisURI.builder()
        .withHost(backend.redis().getHost())
        .withPort(backend.redis().getPort() < 0 ? 6379 : backend.redis().getPort())
        .withSsl(backend.redis().getScheme().equals("rediss"))
        .withTimeout(timeout)
        .build();
  }

  /**
   * The first commands of a connection; the result is that of the password. Not a part of Lettuce's
   * own handshake: a refusal there closes the connection, and at times it is that end which Lettuce
   * reports (7.7.0).
   */
  private CompletionStage<?> enter(RedisAsyncCommands<String, String> redis) {
    String password = backend.redisPassword().reveal();
    CompletionStage<?> known =
        backend.redisUser().isPresent()
            ? redis.auth(backend.redisUser().get(), password)
            : password.isEmpty() ? CompletableFuture.completedStage("") : redis.auth(password);
    var _ = redis.clientSetname("juicebox-controller"); // a name for people: it may be refused
    return number.equals(NOBODYS) ? known : known.thenCompose(_ -> redis.select(number.value()));
  }

  /** A small set of threads, enough for several connections; the caller shuts it down. */
  public static ClientResources resources() {
    return DefaultClientResources.builder()
        .ioThreadPoolSize(2)
        .computationThreadPoolSize(2)
        .build();
  }

  /** The server, as messages name it. */
  public String server() {
    return failures.server();
  }

  /** Runs a script that answers a number. */
  public long number(LuaScript script, List<String> keys, String... arguments) {
    Long answer = this.<Long>script(script, ScriptOutputType.INTEGER, keys, arguments);
    if (answer == null) {
      throw new IllegalStateException("script " + script.name() + " answered nothing");
    }
    return answer;
  }

  /** Runs a script that answers a text or nothing. */
  public Optional<String> text(LuaScript script, List<String> keys, String... arguments) {
    return Optional.ofNullable(
        this.<String>script(script, ScriptOutputType.VALUE, keys, arguments));
  }

  /**
   * Runs a script that answers a list: of {@code String}, {@code Long}, {@code List}, or null for a
   * false.
   */
  public List<@Nullable Object> list(LuaScript script, List<String> keys, String... arguments) {
    List<@Nullable Object> answer =
        this.<List<@Nullable Object>>script(script, ScriptOutputType.MULTI, keys, arguments);
    return answer == null ? List.of() : answer;
  }

  /** Runs a script by its digest, and with its text where the server doesn't know it yet. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the type is the output type's
  private <T> @Nullable T script(
      LuaScript script, ScriptOutputType type, List<String> keys, String... arguments) {
    long deadline = deadline();
    String[] names = keys.toArray(String[]::new);
    try {
      return this.<T>run(c -> c.async().evalsha(script.sha1(), type, names, arguments), deadline);
    } catch (RedisNoScriptException e) {
      return this.<T>run(c -> c.async().eval(script.text(), type, names, arguments), deadline);
    }
  }

  /** Runs any one command; it must not change the connection's state (SELECT, MULTI, SUBSCRIBE). */
  public <T> @Nullable T call(
      Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
    return run(c -> command.apply(c.async()), deadline());
  }

  /**
   * Runs several commands that reach the server together, so that it does nothing for others in
   * between as a rule; only for a connection that one thread uses.
   *
   * @return the answer of the command that is returned
   */
  <T> @Nullable T together(Function<RedisAsyncCommands<String, String>, RedisFuture<T>> commands) {
    return run(
        c -> {
          c.setAutoFlushCommands(false);
          try {
            return commands.apply(c.async());
          } finally {
            c.setAutoFlushCommands(true);
            c.flushCommands();
          }
        },
        deadline());
  }

  /**
   * Follows the changes of the number's keys on a connection of its own, which the caller closes.
   *
   * @throws DriverException.PreconditionFailed when the server doesn't tell changes, and its
   *     configuration can't be changed
   */
  public ChangeFeed follow() {
    ChangeFeed.announce(this);
    long deadline = deadline();
    var connecting = client.connectPubSubAsync(codec, address).toCompletableFuture();
    try {
      var connection = await(connecting.copy(), deadline, () -> {});
      await(enter(connection.async()).toCompletableFuture(), deadline, () -> {});
      var feed = new ChangeFeed(this, connection);
      await(feed.begin(number).toCompletableFuture(), deadline, () -> {});
      return feed;
    } catch (RuntimeException e) {
      closeWhenMade(connecting);
      throw e;
    }
  }

  private static void closeWhenMade(CompletableFuture<? extends StatefulConnection<?, ?>> made) {
    var _ =
        made.thenAccept(connection -> {
          var _ = connection.closeAsync();
        });
  }

  /** Waits for something that the server says; its failures are those of every call. */
  <T> T await(Future<T> future) {
    return await(future, deadline(), () -> {});
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
  }

  private <T> @Nullable T run(
      Function<StatefulRedisConnection<String, String>, RedisFuture<T>> command, long deadline) {
    Link link = link();
    var connection = await(link.connection(), link, deadline);
    RedisFuture<T> answer;
    try {
      answer = command.apply(connection);
    } catch (RedisException e) {
      throw failures.of(e);
    }
    return await(answer, link, deadline);
  }

  /** The living connection, or one that is being made: never one that is known to be dead. */
  private Link link() {
    Link link = current.get();
    if (link != null && link.usable()) {
      return link;
    }
    Link fresh = new Link();
    if (!current.compareAndSet(link, fresh)) {
      return link();
    }
    if (link != null) {
      link.discard();
    }
    fresh.connect(client, codec, address, this::enter);
    return fresh;
  }

  private <T> T await(Future<T> future, Link link, long deadline) {
    return await(
        future,
        deadline,
        () -> {
          if (current.compareAndSet(link, null)) {
            link.discard();
          }
        });
  }

  private <T> T await(Future<T> future, long deadline, Runnable whenSilent) {
    try {
      return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failures.of(Objects.requireNonNullElse(e.getCause(), e));
    } catch (CancellationException e) {
      throw failures.cutOff(e);
    } catch (TimeoutException e) {
      future.cancel(true);
      whenSilent.run();
      throw failures.silent(timeout, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failures.interrupted(e);
    }
  }

  private long deadline() {
    return System.nanoTime() + timeout.toNanos();
  }
}
