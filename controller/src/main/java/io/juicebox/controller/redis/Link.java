package io.juicebox.controller.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.RedisCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Function;

/** One attempt at a connection: being made, living, or dead for good. */
final class Link {
  private final CompletableFuture<StatefulRedisConnection<String, String>> connection =
      new CompletableFuture<>();

  /**
   * Starts to connect; at most once.
   *
   * @param entry what is said first; the connection is made when that has succeeded
   */
  void connect(
      RedisClient client,
      RedisCodec<String, String> codec,
      RedisURI address,
      Function<RedisAsyncCommands<String, String>, CompletionStage<?>> entry) {
    var _ =
        client
            .connectAsync(codec, address)
            .whenComplete((opened, failure) -> {
              if (failure == null) {
                enter(opened, entry);
              } else {
                connection.completeExceptionally(failure);
              }
            });
  }

  private void enter(
      StatefulRedisConnection<String, String> opened,
      Function<RedisAsyncCommands<String, String>, CompletionStage<?>> entry) {
    var _ =
        connection.whenComplete((_, failure) -> {
          if (failure != null) {
            var _ = opened.closeAsync(); // refused, or discarded meanwhile
          }
        });
    var _ =
        entry
            .apply(opened.async())
            .whenComplete((_, refusal) -> {
              if (refusal == null) {
                connection.complete(opened);
              } else {
                connection.completeExceptionally(refusal);
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
