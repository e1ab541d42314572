package io.juicebox.test.outages;

import io.juicebox.test.server.Remains;
import io.juicebox.test.server.Signals;
import io.juicebox.test.stack.Backend;
import io.juicebox.test.stack.LocalStack;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Something that Juicebox stands on is away until this is closed. */
@FunctionalInterface
interface Outage extends AutoCloseable {
  Duration SIGNAL = Duration.ofSeconds(5);

  /** Brings it back. */
  @Override
  void close();

  static Outage redisStopped(Backend backend) {
    backend.redis().stop();
    return () -> backend.redis().restart();
  }

  static Outage objectStoreStopped(Backend backend) {
    backend.minio().stop();
    return () -> backend.minio().restart();
  }

  /** A process that accepts connections and never answers. */
  static Outage hanging(long pid) {
    Signals.stop(pid);
    return () -> Signals.resume(pid);
  }

  /** Somebody else set another password, and all connections had to authenticate again. */
  static Outage otherPassword(Backend backend) {
    var client = RedisClient.create(backend.redis().uri(0));
    var redis = client.connect().sync();
    redis.configSet("requirepass", "another");
    redis.clientKill(KillArgs.Builder.typeNormal().skipme());
    return () -> {
      redis.configSet("requirepass", backend.redis().password());
      client.shutdown(0, 0, TimeUnit.SECONDS);
    };
  }

  static Outage otherSecretKey(Backend backend) {
    backend.minio().restartWithSecret("another-secret-key");
    return () -> backend.minio().restart();
  }

  static Outage memoryFull(Backend backend) {
    backend.redis().cli(0, "CONFIG", "SET", "maxmemory", "1mb");
    return () -> backend.redis().cli(0, "CONFIG", "SET", "maxmemory", "0");
  }

  /**
   * The bucket's folder is away; what is made in its place meanwhile goes when it is back.
   *
   * @param deleted a lineage that is deleted meanwhile, whose objects nobody can find then
   */
  static Outage bucketMissing(LocalStack stack, String deleted) {
    var backend = stack.backend();
    var bucket = stack.home().resolve(backend.name()).resolve("minio").resolve(backend.bucket());
    var away = stack.home().resolve("bucket-away");
    move(bucket, away);
    return () -> {
      Remains.remove(away.resolve(deleted));
      Remains.remove(bucket);
      move(away, bucket);
    };
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
