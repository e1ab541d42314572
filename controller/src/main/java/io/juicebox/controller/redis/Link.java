package io.juicebox.controller.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** One attempt at a connection: being made, living, or dead for good. */
final class Link {
  private final CompletableFuture<StatefulRedisConnection<String, String>> connection =
      new CompletableFuture<>();

  /** Starts to connect; at most once. */
  void connect(RedisClient client, RedisURI address) {
    var _ =
        client
            .connectAsync(StringCodec.UTF8, address)
            .whenComplete((made, failure) -> {
              if (failure != null) {
                connection.completeExceptionally(failure);
              } else if (!connection.complete(made)) {
                var _ = made.closeAsync();
              }
            });
  }

  Future<StatefulRedisConnection<String, String>> connection() {
    return connection;
  }

  /** Whether a call may wait for it: false once the attempt failed or the connection broke. */
  boolean usable() {
    return switch (connection.state()) {
      case RUNNING -> true;
      case SUCCESS -> connection.resultNow().isOpen();
      case FAILED, CANCELLED -> false;
    };
  }

  /** Closes the connection, now or when it has been made; calls that wait for an answer fail. */
  void discard() {
    if (!connection.cancel(false) && connection.state() == Future.State.SUCCESS) {
      var _ = connection.resultNow().closeAsync();
    }
  }
}
