package io.juicebox.test.fork;

import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.stack.LocalStack;
import io.lettuce.core.RedisClient;
import io.minio.ListObjectsArgs;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Times a piece of work, looks at what it adds to both servers, and at what others wait meanwhile:
 * a client of another number of Redis that sets and gets a key, and a program that writes a small
 * file in a mounted volume, both a millisecond after they did so last.
 */
final class Observer implements AutoCloseable {
  private static final double MEBIBYTE = 1 << 20;

  /** Far above the numbers that the controller hands out. */
  private static final int ELSEWHERE = 3000;

  private final LocalStack stack;
  private final RedisClient redis;
  private final Bystander client;
  private final Bystander writer;

  private Observer(LocalStack stack) {
    this.stack = stack;
    redis = RedisClient.create(stack.backend().redis().uri(ELSEWHERE));
    var commands = redis.connect().sync();
    client =
        Bystander.start(() -> {
          commands.set("key", "value");
          commands.get("key");
        });
    var neighbour = OwnVolume.create(stack, "neighbour");
    neighbour.publish();
    var file = neighbour.target().resolve("file");
    writer = Bystander.start(() -> Files.writeString(file, "a small file"));
  }

  static Observer start(LocalStack stack) {
    return new Observer(stack);
  }

  /**
   * What a piece of work took.
   *
   * @param client the longest SET and GET of the client elsewhere meanwhile, in milliseconds
   * @param writer the longest write in the other volume meanwhile, in milliseconds
   * @param memory MiB of Redis more than before
   * @param objects MiB in the bucket more than before
   */
  record Cost(double seconds, double client, double writer, double memory, double objects) {
    static double most(List<Cost> costs, ToDoubleFunction<Cost> figure) {
      return costs.stream().mapToDouble(figure).max().orElseThrow();
    }
  }

  /** Does a piece of work and adds what it took to others of its kind. */
  <T> T observe(List<Cost> costs, Supplier<T> work) {
    double memory = memory();
    double objects = objects();
    var made = Made.by(work);
    long called = made.called();
    long answered = made.answered();
    costs.add(
        new Cost(
            (answered - called) / 1e9,
            client.longest(called, answered),
            writer.longest(called, answered),
            memory() - memory,
            objects() - objects));
    return made.it();
  }

  private double memory() {
    var lines = stack.backend().redis().cli(0, "INFO", "memory").lines();
    var used = lines.filter(line -> line.startsWith("used_memory:")).findFirst().orElseThrow();
    return Long.parseLong(used.replaceAll("\\D", "")) / MEBIBYTE;
  }

  private double objects() {
    var every = ListObjectsArgs.builder().bucket(stack.backend().bucket()).recursive(true).build();
    long bytes = 0;
    try {
      for (var object : stack.objects(stack.backend()).listObjects(every)) {
        bytes += object.get().size();
      }
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes / MEBIBYTE;
  }

  @Override
  public void close() {
    client.close();
    writer.close();
    redis.shutdown(0, 0, TimeUnit.SECONDS);
  }
}
