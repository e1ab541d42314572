package io.juicebox.controller.fork;

import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Claim;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Copies of filesystems' metadata: from a number of one Redis into a file, while the filesystem is
 * in use, and from a file into another number. Safe for any number of threads; each call has
 * connections of its own.
 */
public final class MetadataCopies {
  private final Function<Number, RedisConnection> numbers;
  private final Metadata metadata;
  private final StepCost cost;

  /**
   * @param numbers makes a connection that stays in a number
   * @param metadata of the same server
   * @param longestStep how long one step may keep the server, and a pause its writers
   * @param mostElements of one step, however fast the server is
   */
  public MetadataCopies(
      Function<Number, RedisConnection> numbers,
      Metadata metadata,
      Duration longestStep,
      long mostElements) {
    this.numbers = numbers;
    this.metadata = metadata;
    this.cost = new StepCost(longestStep, mostElements);
  }

  /**
   * Reads what a copy of a filesystem is to have, all of it of one instant between call and answer,
   * and writes it to a file as a stream. When this fails the file is no stream.
   *
   * @throws io.juicebox.csi.status.DriverException.PreconditionFailed when the number holds another
   *     filesystem or none
   */
  public ReadMetadata read(Number source, Member member, UUID filesystem, Path file) {
    try (RedisConnection redis = numbers.apply(source);
        var stream = new StreamWriter(file)) {
      var filter = new CopyFilter(member, stream);
      ReadReport report = new MetadataReader(redis, cost).read(filesystem, filter);
      long nextSlice = filter.finish(Instant.now());
      stream.finish();
      return new ReadMetadata(nextSlice, report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Finds all slices that a stream names.
   *
   * @param action gets their ids, some of them often, none when the stream is not whole
   */
  public static void slices(Path file, LongConsumer action) {
    try {
      StreamReader.verified(file).forEach(new NamedSlices(action));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a filesystem of a stream in a number, which is the caller's and holds none yet. Nothing
   * is written when the stream is not whole; when this fails later, nothing that can be mounted is
   * left, and the next attempt begins anew.
   *
   * @param claim on the volume whose number it is
   * @return the longest step of the server, with the way there and back
   */
  public Duration write(Path file, Number target, Claim claim, Renewal renewal) {
    try (RedisConnection redis = numbers.apply(target)) {
      var stream = StreamReader.verified(file);
      return new MetadataWriter(redis, metadata, target, claim).write(stream, renewal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
