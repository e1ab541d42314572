package io.juicebox.node.proof;

import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisReactiveCommandsImpl;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.PushHandler;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;

/**
 * Lettuce with the asynchronous commands only. Its connections make the synchronous and the
 * reactive ones too, used or not: a dynamic proxy with thousands of methods and the largest class
 * of the library, together 4 MiB of the node program's memory.
 */
final class AsyncRedisClient extends RedisClient {
  AsyncRedisClient(ClientResources resources) {
    super(resources, new RedisURI());
  }

  @Override
  protected <K, V> StatefulRedisConnectionImpl<K, V> newStatefulRedisConnection(
      RedisChannelWriter writer,
      PushHandler pushHandler,
      RedisCodec<K, V> codec,
      Duration timeout) {
    return new AsyncConnection<>(writer, pushHandler, codec, timeout);
  }

  /** Its {@code sync()} and {@code reactive()} must not be called. */
  private static final class AsyncConnection<K, V> extends StatefulRedisConnectionImpl<K, V> {
    AsyncConnection(
        RedisChannelWriter writer,
        PushHandler pushHandler,
        RedisCodec<K, V> codec,
        Duration timeout) {
      super(writer, pushHandler, codec, timeout);
    }

    @Override
    @SuppressWarnings("NullAway") // the library only stores it
    protected RedisCommands<K, V> newRedisSyncCommandsImpl() {
      return null;
    }

    @Override
    @SuppressWarnings("NullAway") // the library only stores it
    protected RedisReactiveCommandsImpl<K, V> newRedisReactiveCommandsImpl() {
      return null;
    }
  }
}
