package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.stack.LocalStack;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.minio.ListObjectsArgs;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * What the small files of volumes hold: numbered contents, each written once, whichever volumes of
 * a lineage have it now. Knows the slices that the metadata of a volume name, as JuiceFS (1.4)
 * does, and those that have blocks in the object store: in a lineage that was collected both are
 * the same.
 */
final class Contents implements AutoCloseable {
  private static final int LARGEST = 64 << 10;

  /** In a chunk's list: position u32, id u64, size u32, offset u32, length u32. */
  private static final int RECORD = 24;

  private static final int ID = 4;

  /** The id of what was never written. */
  private static final long HOLE = 0;

  /** {@code <lineage>/chunks/<id / 10^6>/<id / 10^3>/<id>_<index>_<size>} */
  private static final Pattern BLOCK = Pattern.compile("/chunks/\\d+/\\d+/(\\d+)_\\d+_\\d+$");

  private final LocalStack stack;
  private final RedisClient client;
  private final StatefulRedisConnection<byte[], byte[]> redis;
  private final AtomicInteger next = new AtomicInteger();

  Contents(LocalStack stack) {
    this.stack = stack;
    this.client = RedisClient.create(stack.backend().redis().uri(0));
    this.redis = client.connect(ByteArrayCodec.INSTANCE);
  }

  /** Writes a new content to a file of a published volume, in place of what it held; its number. */
  int write(Path file) {
    int number = next.incrementAndGet();
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes(number));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return number;
  }

  /** Fails unless the file has just that content. */
  static void require(Path file, int number) {
    try {
      assertThat(Files.readAllBytes(file))
          .as("%s, content %d", file, number)
          .isEqualTo(bytes(number));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(int number) {
    var random = new Random(number);
    var bytes = new byte[1 + random.nextInt(LARGEST)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The slices that a volume's files are in, and such as are deleted and not collected yet. */
  synchronized Set<Long> named(OwnVolume volume) {
    var found = new TreeSet<Long>();
    var _ = redis.sync().select(volume.number());
    for (var chunk : redis.sync().keys("c*_*")) {
      for (var record : redis.sync().lrange(chunk, 0, -1)) {
        assertThat(record).hasSize(RECORD);
        found.add(ByteBuffer.wrap(record).getLong(ID));
      }
    }
    found.remove(HOLE);
    return found;
  }

  /** The slices of a lineage that have blocks in the object store. */
  Set<Long> stored(String lineage) {
    var every =
        ListObjectsArgs.builder()
            .bucket(stack.backend().bucket())
            .prefix(lineage + "/chunks/")
            .recursive(true)
            .build();
    var found = new TreeSet<Long>();
    try {
      for (var object : stack.objects(stack.backend()).listObjects(every)) {
        var block = BLOCK.matcher(object.get().objectName());
        assertThat(block.find()).as("a block: %s", object.get().objectName()).isTrue();
        found.add(Long.parseLong(block.group(1)));
      }
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
    return found;
  }

  @Override
  public void close() {
    client.shutdown(0, 0, TimeUnit.SECONDS);
  }
}
