package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Garbage.Names;
import io.juicebox.controller.meta.Garbage.Place;
import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.ObjectStore.Stored;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.DueSweeps;
import io.juicebox.controller.registry.DueSweeps.Due;
import io.juicebox.controller.registry.Registry;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds blocks that no metadata names, such as a client uploaded that died before it could name
 * them, and deletes them. For one thread.
 *
 * <p>First it lists, then it looks for names: what was named meanwhile is found. A slice that moves
 * between two files while their chunks are read could be missed in both, so only one that is missed
 * twice goes. A window of slices at a time, so that memory is bounded; how far it came is in the
 * registry.
 */
final class BlockSweep implements Worker.Round {
  private static final Logger LOG = LoggerFactory.getLogger(BlockSweep.class);
  private static final int PAGE = 500;

  /** Slices in a window: 3.2 MB while it is sorted, and one look at all metadata for each. */
  private static final int WINDOW = 200_000;

  /** For one window; what is left of it then begins anew. */
  private static final Duration TURN = Duration.ofMinutes(30);

  /** The rest after each script, which takes about as long. */
  private static final Duration PACE = Duration.ofMillis(2);

  private final Registry registry;
  private final Garbage garbage;
  private final ObjectStore objects;
  private final BlockDeletion deletion;
  private final CollectorSettings settings;
  private final Failures failures;
  private final CollectorMetrics metrics;

  BlockSweep(
      Registry registry,
      Garbage garbage,
      ObjectStore objects,
      CollectorSettings settings,
      CollectorMetrics metrics) {
    this.registry = registry;
    this.garbage = garbage;
    this.objects = objects;
    this.deletion = new BlockDeletion(objects, settings.blocksPerSecond());
    this.settings = settings;
    this.failures = new Failures(metrics);
    this.metrics = metrics;
  }

  @Override
  public Progress run(Claim claim) throws InterruptedException {
    Optional<VolumeId> last = Optional.empty();
    do {
      DueSweeps page = registry.due(last, PAGE, settings.sweepInterval());
      for (Due due : page.volumes()) {
        var _ = failures.guard(due.volume().id(), () -> sweep(due, claim));
      }
      last = page.last();
    } while (last.isPresent() && claim.isHeld());
    return Progress.NOTHING_LEFT;
  }

  @Override
  public void refused() {
    // the other one does it
  }

  /** Sweeps a volume to its end, unless the claim is lost or the volume is being removed. */
  private Progress sweep(Due due, Claim claim) throws InterruptedException {
    Optional<String> position = due.position();
    do {
      Job job = Job.of(due.volume(), claim, TURN);
      Instant before = Instant.now().minus(settings.blockMinAge());
      Window window = Window.list(objects, job, position, WINDOW, before);
      Optional<long[]> unnamed = twiceUnnamed(job, window.slices());
      if (unnamed.isEmpty()) {
        return Progress.MORE;
      }
      remove(job, unnamed.get(), before);
      if (!job.mayGoOn()) {
        return Progress.MORE;
      }
      position = window.next();
      registry.swept(job.volume().id(), position);
    } while (position.isPresent());
    return Progress.NOTHING_LEFT;
  }

  private Optional<long[]> twiceUnnamed(Job job, long[] slices) throws InterruptedException {
    Optional<long[]> once = unnamed(job, slices);
    return once.isPresent() && once.get().length > 0 ? unnamed(job, once.get()) : once;
  }

  /** Those that nothing names; empty when it could not be told. */
  private Optional<long[]> unnamed(Job job, long[] slices) throws InterruptedException {
    if (slices.length == 0) {
      return Optional.of(slices);
    }
    var named = new BitSet(slices.length);
    // Counters last: a slice that moves to another file leaves its counter there.
    for (Place place : List.of(Place.CHUNKS, Place.DELAYED, Place.COUNTERS)) {
      Optional<String> from = Optional.empty();
      do {
        Optional<Names> page =
            job.mayGoOn()
                ? garbage.named(
                    job.number(), job.uuid(), place, from, slices[0], slices[slices.length - 1])
                : Optional.empty();
        if (page.isEmpty()) {
          return Optional.empty();
        }
        page.get().ids().stream()
            .mapToInt(id -> Arrays.binarySearch(slices, id))
            .filter(index -> index >= 0)
            .forEach(named::set);
        from = page.get().next();
        Thread.sleep(PACE);
      } while (from.isPresent());
    }
    return Optional.of(
        IntStream.range(0, slices.length)
            .filter(index -> !named.get(index))
            .mapToLong(index -> slices[index])
            .toArray());
  }

  private void remove(Job job, long[] slices, Instant before) throws InterruptedException {
    long bytes = 0;
    for (long slice : slices) {
      if (job.mayGoOn()) {
        bytes += remove(job, slice, before);
      }
    }
    if (slices.length > 0) {
      LOG.info(
          "volume {} had blocks of {} slices that nothing names: {} bytes were deleted",
          job.volume().id(),
          slices.length,
          bytes);
    }
  }

  /** The bytes that were deleted: none of a slice that still grows. */
  private long remove(Job job, long slice, Instant before) throws InterruptedException {
    String bucket = job.volume().bucket();
    String prefix = job.keys().ofSlice(slice);
    long bytes = 0;
    List<Stored> blocks;
    do {
      blocks = objects.page(bucket, prefix, Optional.empty(), BlockDeletion.BATCH);
      if (blocks.isEmpty() || !blocks.stream().allMatch(b -> b.written().isBefore(before))) {
        break;
      }
      deletion.delete(bucket, blocks.stream().map(Stored::key).toList());
      bytes +=
          blocks.stream()
              .flatMap(block -> job.keys().parse(block.key()).stream())
              .mapToLong(BlockKeys.Block::bytes)
              .sum();
    } while (blocks.size() == BlockDeletion.BATCH);
    metrics.swept(bytes);
    return bytes;
  }
}
