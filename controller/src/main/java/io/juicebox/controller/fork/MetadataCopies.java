package io.juicebox.controller.fork;

import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Claim;
import io.juicebox.csi.volume.Number;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Copies of filesystems' metadata, while they are in use: from a number of one Redis into a file
 * and from a file into another number, or at once from number to number. Safe for any number of
 * threads; each call has connections of its own.
 */
public final class MetadataCopies {
  private final Function<Number, RedisConnection> numbers;
  private final Metadata metadata;
  private final StepCost reading;
  private final StepCost copying;

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
    this.reading = new StepCost(longestStep, mostElements);
    this.copying = StepCost.ofCopying(longestStep, mostElements);
  }

  /**
   * Reads what a copy of a filesystem is to have, all of it of one instant between call and answer,
   * and writes it to a file as a stream. When this fails the file is no stream.
   *
   * @throws io.juicebox.csi.status.DriverException.PreconditionFailed when the number holds another
   *     filesystem or none
   */
  public ReadMetadata read(Original original, Path file) {
    try (RedisConnection redis = numbers.apply(original.number());
        var stream = new StreamWriter(file)) {
      var filter = new CopyFilter(original.member(), stream);
      ReadReport report = new MetadataReader(redis, reading).read(original.filesystem(), filter);
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
      StreamReader stream = StreamReader.verified(file);
      return new MetadataWriter(redis, metadata, target, claim).write(stream::forEach, renewal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a filesystem in a number, as {@link #write} does, of all that another one's copy is to
   * have, as {@link #read} reads it: most of it goes from number to number within the server.
   *
   * @param beforeTheEnd is told what was read while there is nothing yet that can be mounted
   * @return the longest step of the server, with the way there and back
   */
  public Duration copy(
      Original original,
      Number target,
      Claim claim,
      Renewal renewal,
      Consumer<ReadMetadata> beforeTheEnd) {
    try (RedisConnection from = numbers.apply(original.number());
        RedisConnection to = numbers.apply(target)) {
      var writer = new MetadataWriter(to, metadata, target, claim);
      return writer.write(
          sink -> {
            var filter = new CopyFilter(original.member(), sink);
            var filling = new Filling(original.number(), writer);
            ReadReport report =
                new MetadataReader(from, copying).copy(original.filesystem(), filling, filter);
            beforeTheEnd.accept(new ReadMetadata(filter.finish(Instant.now()), report));
          },
          renewal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
