package io.juicebox.controller.fork;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.TestingRedis;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Writes 1, 2, 3 and so on to one inode after the other, as fast as it goes, and makes and deletes
 * a chunk each time.
 */
final class Writing implements AutoCloseable {
  /** Those that are written to. */
  static final int INODES = 3_000;

  /** Those of the last writes that are there; the ones before have been deleted. */
  static final int CHUNKS = 50;

  private static final LuaScript WRITE =
      LuaScript.of(
          "write",
          "redis.call('SET', 'i' .. (1000 + ARGV[1] % "
              + INODES
              + "), ARGV[1]) "
              + "redis.call('RPUSH', 'c' .. ARGV[1] .. '_0', ARGV[1]) "
              + "redis.call('DEL', 'c' .. (ARGV[1] - "
              + CHUNKS
              + ") .. '_0') "
              + "if ARGV[2] == '1' then redis.call('HSET', 'd9', 'new' .. ARGV[1], 'x') end return 1");

  private final Loop loop;
  volatile long done;
  volatile boolean directory;

  /**
   * @param own stays in the number, and is closed at the end
   */
  Writing(RedisConnection own) {
    this.loop = new Loop(own, this::write);
  }

  /** Makes the inodes. */
  static void prepare(TestingRedis redis, Number number) {
    var _ =
        redis.cli(
            number.value(),
            "EVAL",
            "for i = 0, %d do redis.call('SET', 'i' .. (1000 + i), '0') end".formatted(INODES - 1),
            "0");
  }

  private void write(RedisConnection own) {
    long next = done + 1;
    own.number(WRITE, List.of(), Long.toString(next), directory ? "1" : "0");
    done = next;
  }

  @Override
  public void close() {
    loop.close();
  }

  /** Does something again and again, on a connection of its own. */
  static final class Loop implements AutoCloseable {
    private final RedisConnection own;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final CompletableFuture<Void> task;

    Loop(RedisConnection own, Consumer<RedisConnection> step) {
      this.own = own;
      this.task =
          CompletableFuture.runAsync(
              () -> {
                while (!ended.get()) {
                  step.accept(own);
                }
              },
              thread);
    }

    @Override
    public void close() {
      ended.set(true);
      task.orTimeout(60, TimeUnit.SECONDS).join();
      thread.shutdown();
      own.close();
    }
  }
}
