package io.juicebox.test.fork;

import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What anybody would write first: goes over the keys of a number and copies one after the other,
 * without those of sessions and locks. What is written meanwhile is in the copy or not.
 */
final class SlowCopy {
  private static final int PAGE = 100;
  private static final Pattern LEFT_OUT =
      Pattern.compile("allSessions|sessionInfos|session\\d+|lock.*|lastCleanup.*");

  private SlowCopy() {}

  /**
   * Copies a number of Redis into an empty one.
   *
   * @return how many keys
   */
  static int make(TestingRedis redis, int from, int to) {
    var client = RedisClient.create();
    int copied = 0;
    try (var source = client.connect(ByteArrayCodec.INSTANCE, RedisURI.create(redis.uri(from)));
        var target = client.connect(ByteArrayCodec.INSTANCE, RedisURI.create(redis.uri(to)))) {
      var keys = ScanIterator.scan(source.sync(), ScanArgs.Builder.limit(PAGE));
      while (keys.hasNext()) {
        byte[] key = keys.next();
        byte[] value = isLeftOut(key) ? null : source.sync().dump(key);
        if (value != null) {
          target.sync().restore(key, value, RestoreArgs.Builder.ttl(0).replace());
          copied++;
        }
      }
    } finally {
      client.shutdown(0, 0, TimeUnit.SECONDS);
    }
    return copied;
  }

  private static boolean isLeftOut(byte[] key) {
    return LEFT_OUT.matcher(new String(key, StandardCharsets.ISO_8859_1)).matches();
  }
}
