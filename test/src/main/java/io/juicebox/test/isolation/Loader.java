package io.juicebox.test.isolation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.juicebox.test.stack.Backend;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.minio.MinioClient;
import io.minio.SnowballObject;
import io.minio.UploadSnowballObjectsArgs;
import io.minio.errors.MinioException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Writes files of {@link ManyFiles} into a volume that nobody has mounted, as JuiceFS itself would
 * have left them, but past it: a folder at a time, the metadata as keys, and all blocks in one
 * upload that MinIO takes apart. Through a mount a hundred thousand files take many minutes.
 *
 * <p>What it knows of JuiceFS is that of pkg/meta/redis.go, version 1.4.
 */
public final class Loader implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final byte FILE = 1;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  // In a file's attributes.
  private static final int LENGTH = 51;
  private static final int PARENT = 63;

  private final OwnVolume volume;
  private final MinioClient objects;
  private final RedisClient client;
  private final RedisAsyncCommands<byte[], byte[]> redis;

  Loader(OwnVolume volume) {
    Backend backend = volume.stack().backend();
    this.volume = volume;
    this.objects = volume.stack().objects(backend);
    this.client = RedisClient.create(backend.redis().uri(volume.number()));
    var connection = client.connect(ByteArrayCodec.INSTANCE);
    connection.setTimeout(LIMIT);
    this.redis = connection.async();
  }

  /**
   * Writes the files 0 to {@code count - 1}; the volume is published before and after, not
   * meanwhile. Folders, and the first file, are made through the mount: the others get its owner
   * and times.
   */
  public static void fill(OwnVolume volume, ManyFiles files, int count) {
    files.makeFolders(count);
    files.write(0, 1);
    long template = inode(files.folderOf(0).resolve("0"));
    var folders = new ArrayList<Long>();
    for (int first = 0; first < count; first += ManyFiles.IN_A_FOLDER) {
      folders.add(inode(files.folderOf(first)));
    }
    volume.unpublish();
    try (var loader = new Loader(volume)) {
      int first = 0;
      for (long folder : folders) {
        int next = Math.min(count, first + ManyFiles.IN_A_FOLDER);
        loader.write(folder, template, Math.max(1, first), next);
        first = next;
      }
    }
    volume.publish();
  }

  private static long inode(Path file) {
    try {
      return (Long) Files.getAttribute(file, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the files of one folder in one go. */
  private void write(long folder, long template, int from, int to) {
    byte[] attributes = answer(redis.get(key("i" + template)));
    int count = to - from;
    long inode = reserve("nextinode", count);
    long slice = reserve("nextchunk", count);
    var blocks = new ArrayList<SnowballObject>();
    var answers = new ArrayList<RedisFuture<?>>();
    long bytes = 0;
    long space = 0;
    for (int i = 0; i < count; i++) {
      byte[] content = content(from + i);
      blocks.add(block(slice + i, content));
      answers.add(
          redis.set(key("i" + (inode + i)), attributes(attributes, content.length, folder)));
      answers.add(redis.rpush(key("c" + (inode + i) + "_0"), chunk(slice + i, content.length)));
      answers.add(redis.hset(key("d" + folder), key("" + (from + i)), entry(inode + i)));
      bytes += content.length;
      space += (content.length + PAGE - 1) / PAGE * PAGE;
    }
    answers.add(redis.incrby(key("usedSpace"), space));
    answers.add(redis.incrby(key("totalInodes"), count));
    answers.add(redis.hincrby(key("dirDataLength"), key("" + folder), bytes));
    answers.add(redis.hincrby(key("dirUsedSpace"), key("" + folder), space));
    answers.add(redis.hincrby(key("dirUsedInodes"), key("" + folder), count));
    upload(blocks);
    answers.forEach(Loader::answer);
  }

  /**
   * The first of so many ids that are nobody else's: the counter is the last one that was given.
   */
  private long reserve(String counter, int count) {
    return answer(redis.incrby(key(counter), count)) - count + 1;
  }

  private static byte[] attributes(byte[] template, int length, long parent) {
    ByteBuffer attributes = ByteBuffer.wrap(template.clone());
    return attributes.putLong(LENGTH, length).putLong(PARENT, parent).array();
  }

  /** Of one slice: position u32, id u64, size u32, offset u32, length u32. */
  private static byte[] chunk(long slice, int size) {
    return ByteBuffer.allocate(24)
        .putInt(0)
        .putLong(slice)
        .putInt(size)
        .putInt(0)
        .putInt(size)
        .array();
  }

  private static byte[] entry(long inode) {
    return ByteBuffer.allocate(9).put(FILE).putLong(inode).array();
  }

  private SnowballObject block(long slice, byte[] content) {
    var name =
        "%s/chunks/%d/%d/%d_0_%d"
            .formatted(volume.lineage(), slice / 1_000_000, slice / 1_000, slice, content.length);
    return new SnowballObject(name, new ByteArrayInputStream(content), content.length, null);
  }

  private void upload(List<SnowballObject> blocks) {
    try {
      var _ =
          objects.uploadSnowballObjects(
              UploadSnowballObjectsArgs.builder()
                  .bucket(volume.stack().backend().bucket())
                  .objects(blocks)
                  .build());
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As {@code files.py} has it. */
  private static byte[] content(int number) {
    try {
      byte[] seed =
          MessageDigest.getInstance("SHA-256").digest(Integer.toString(number).getBytes(US_ASCII));
      var content = new byte[1 + (int) (number * 7919L % 16384)];
      for (int i = 0; i < content.length; i++) {
        content[i] = seed[i % seed.length];
      }
      return content;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] key(String text) {
    return text.getBytes(US_ASCII);
  }

  private static <T> T answer(RedisFuture<T> future) {
    return LettuceFutures.awaitOrCancel(future, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    client.shutdown(0, 0, TimeUnit.SECONDS);
  }
}
