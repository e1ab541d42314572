package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Slice;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.VolumeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the blocks of slices that nothing in their volume refers to: first the blocks, then
 * the counters that say so. Where a relative of the volume may refer to them only the counter goes,
 * and before that a sweep of the lineage is called for. For one thread.
 */
final class DeadSlices {
  private static final Logger LOG = LoggerFactory.getLogger(DeadSlices.class);

  /** JuiceFS's ChunkSize, which no slice exceeds. */
  private static final long LARGEST = 64L << 20;

  private final Garbage garbage;
  private final Lineages lineages;
  private final BlockDeletion deletion;
  private final CollectorMetrics metrics;
  private final Steps steps;
  private final Set<VolumeId> told = new HashSet<>();

  DeadSlices(
      Garbage garbage,
      Lineages lineages,
      BlockDeletion deletion,
      CollectorMetrics metrics,
      Steps steps) {
    this.garbage = garbage;
    this.lineages = lineages;
    this.deletion = deletion;
    this.metrics = metrics;
    this.steps = steps;
  }

  /** Buries as many as there is time for, and answers how many of those it saw are left. */
  long collect(Job job, int blockSize) throws InterruptedException {
    long left = 0;
    Optional<String> from = Optional.empty();
    do {
      var page = garbage.dead(job.number(), job.uuid(), from);
      if (page.isEmpty()) {
        return 0;
      }
      left += collect(job, page.get().slices(), blockSize);
      from = page.get().next();
    } while (from.isPresent());
    return left;
  }

  /** Answers how many there was no time for. */
  private long collect(Job job, List<Slice> dead, int blockSize) throws InterruptedException {
    if (dead.isEmpty()) {
      return 0;
    }
    // After they were found dead: a copy that refers to one of them was read before it died, so by
    // now it is being made or has raised this bound. Asked earlier, it could have come between.
    Optional<Long> bound = lineages.privateFrom(job.volume().id());
    if (bound.isEmpty()) {
      return 0; // a copy is being made: the next pass finds them again
    }
    Map<Boolean, List<Slice>> byOwner =
        dead.stream()
            .collect(
                Collectors.partitioningBy(slice ->
                    job.owns(slice.id()) && slice.id() >= bound.get() && slice.size() <= LARGEST));
    List<Slice> own = byOwner.getOrDefault(true, List.of());
    List<Slice> others = byOwner.getOrDefault(false, List.of());
    return own.size() - bury(job, own, blockSize) + release(job, others);
  }

  /** Drops the counters of slices that are for the lineage's sweep. */
  private long release(Job job, List<Slice> slices) {
    if (slices.isEmpty()) {
      return 0;
    }
    if (!job.mayGoOn()) {
      return slices.size();
    }
    // First: without a counter nothing else would tell that there is something to sweep.
    if (lineages.wantSweep(job.volume().lineage())) {
      steps.reached(SweepStep.SWEEP_WANTED);
      garbage.buried(job.number(), job.uuid(), slices);
    } else if (told.add(job.volume().id())) {
      LOG.warn(
          "volume {} has dead slices that it never made: their blocks are left alone",
          job.volume().id());
    }
    return 0;
  }

  private int bury(Job job, List<Slice> dead, int blockSize) throws InterruptedException {
    int buried = 0;
    var slices = new ArrayList<Slice>();
    var keys = new ArrayList<String>();
    for (Slice slice : dead) {
      List<String> more = job.keys().of(slice, blockSize);
      if (!keys.isEmpty() && keys.size() + more.size() > BlockDeletion.BATCH) {
        buried += bury(job, slices, keys);
        slices.clear();
        keys.clear();
      }
      slices.add(slice);
      keys.addAll(more);
    }
    return buried + bury(job, slices, keys);
  }

  private int bury(Job job, List<Slice> slices, List<String> keys) throws InterruptedException {
    if (slices.isEmpty() || !job.mayGoOn()) {
      return 0;
    }
    deletion.delete(job.volume().bucket(), keys);
    steps.reached(CollectorStep.COLLECT_BLOCKS_DELETED);
    List<Slice> buried = garbage.buried(job.number(), job.uuid(), slices);
    steps.reached(CollectorStep.COLLECT_COUNTERS_DROPPED);
    metrics.buried(buried);
    return buried.size();
  }
}
