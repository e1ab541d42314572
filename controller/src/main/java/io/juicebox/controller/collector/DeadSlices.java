package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Slice;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.VolumeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the blocks of slices that nothing refers to: first the blocks, then the counters that
 * say so. For one thread.
 */
final class DeadSlices {
  private static final Logger LOG = LoggerFactory.getLogger(DeadSlices.class);

  /** JuiceFS's ChunkSize, which no slice exceeds. */
  private static final long LARGEST = 64L << 20;

  private final Garbage garbage;
  private final BlockDeletion deletion;
  private final CollectorMetrics metrics;
  private final Steps steps;
  private final Set<VolumeId> told = new HashSet<>();

  DeadSlices(Garbage garbage, BlockDeletion deletion, CollectorMetrics metrics, Steps steps) {
    this.garbage = garbage;
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
      List<Slice> own = own(job, page.get().slices());
      left += own.size() - bury(job, own, blockSize);
      from = page.get().next();
    } while (from.isPresent());
    return left;
  }

  private List<Slice> own(Job job, List<Slice> dead) {
    List<Slice> own =
        dead.stream().filter(slice -> job.owns(slice.id()) && slice.size() <= LARGEST).toList();
    if (own.size() < dead.size() && told.add(job.volume().id())) {
      LOG.warn(
          "volume {} has dead slices that it never made: their blocks are left alone",
          job.volume().id());
    }
    return own;
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
