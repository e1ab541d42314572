package io.juicebox.controller.collector;

import io.juicebox.controller.collector.UnnamedSlices.Part;
import io.juicebox.controller.collector.Window.Found;
import io.juicebox.controller.meta.Garbage.Progress;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.ObjectStore.Stored;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.DueSweeps;
import io.juicebox.controller.registry.DueSweeps.Due;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Lineages.Left;
import io.juicebox.controller.registry.Lineages.Sizes;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the blocks that no metadata names, lineage by lineage: now and then in each, sooner where
 * it is known that there may be some. A part of a lineage at a time, so that memory is bounded; how
 * far it came is in the registry. For one thread.
 */
final class BlockSweep implements Worker.Round {
  private static final Logger LOG = LoggerFactory.getLogger(BlockSweep.class);
  private static final int PAGE = 500;

  /** For one part; what is left of it then begins anew. */
  private static final Duration TURN = Duration.ofMinutes(30);

  private final CollectorMarks marks;
  private final Lineages lineages;
  private final ObjectStore objects;
  private final UnnamedSlices unnamed;
  private final StraySnapshots strays;
  private final BlockDeletion deletion;
  private final CollectorSettings settings;
  private final LineageMetrics lineageMetrics;
  private final CollectorMetrics metrics;
  private final Failures failures;
  private final Steps steps;

  BlockSweep(
      CollectedBackend backend,
      CollectorSettings settings,
      UnnamedSlices unnamed,
      LineageMetrics lineageMetrics,
      CollectorMetrics metrics,
      Steps steps) {
    this.marks = backend.marks();
    this.lineages = backend.lineages();
    this.objects = backend.objects();
    this.unnamed = unnamed;
    this.strays = new StraySnapshots(lineages, objects);
    this.deletion = new BlockDeletion(objects, settings.blocksPerSecond());
    this.settings = settings;
    this.lineageMetrics = lineageMetrics;
    this.metrics = metrics;
    this.failures = new Failures(metrics);
    this.steps = steps;
  }

  @Override
  public Progress run(Claim claim) throws InterruptedException {
    Optional<VolumeId> last = Optional.empty();
    do {
      DueSweeps page = marks.due(last, PAGE, settings.sweepInterval());
      for (Due due : page.volumes()) {
        guard(due.volume().lineage(), due.position(), claim);
      }
      last = page.last();
    } while (last.isPresent() && claim.isHeld());
    Optional<Lineage> lastCopied = Optional.empty();
    do {
      Lineages.Page page =
          lineages.due(lastCopied, PAGE, settings.sweepInterval(), settings.blockMinAge());
      for (Lineages.Due due : page.due()) {
        guard(due.lineage(), due.position(), claim);
      }
      lastCopied = page.last();
    } while (lastCopied.isPresent() && claim.isHeld());
    lineageMetrics.refresh(lineages);
    return Progress.NOTHING_LEFT;
  }

  @Override
  public void refused() {
    lineageMetrics.refresh(lineages); // the other one does it, and writes down what it found
  }

  private void guard(Lineage lineage, Optional<String> position, Claim claim)
      throws InterruptedException {
    var _ = failures.guard("lineage " + lineage, () -> sweep(lineage, position, claim));
  }

  /**
   * Sweeps a lineage to its end.
   *
   * @param from where to go on; empty for the beginning
   * @return empty when it did not get there: the claim was lost, a copy is being made, or there is
   *     no such lineage
   */
  Optional<Freed> sweep(Lineage lineage, Optional<String> from, Claim claim)
      throws InterruptedException {
    var all = Freed.NOTHING;
    Optional<String> position = from;
    do {
      Optional<Part> part = unnamed.look(lineage, position, claim::isHeld);
      if (part.isEmpty()) {
        LOG.info("the sweep of lineage {} goes on later: copies of it are being made", lineage);
        return Optional.empty();
      }
      Deadline deadline = Deadline.in(TURN);
      BooleanSupplier mayGoOn = () -> claim.isHeld() && !deadline.isOver();
      Freed freed = delete(part.get(), mayGoOn);
      if (!mayGoOn.getAsBoolean()) {
        return Optional.empty();
      }
      finish(lineage, part.get(), freed);
      all = all.plus(freed);
      position = part.get().to();
    } while (position.isPresent());
    return Optional.of(all);
  }

  /** Deletes in batches, each of whole slices. */
  private Freed delete(Part part, BooleanSupplier mayGoOn) throws InterruptedException {
    var garbage = new GarbageBlocks(objects, part);
    var batch = new ArrayList<Stored>();
    long slices = 0;
    long blocks = 0;
    long bytes = 0;
    var ids = part.garbage().stream().mapToLong(Found::id).iterator();
    while (ids.hasNext() && mayGoOn.getAsBoolean()) {
      List<Stored> found = garbage.of(ids.nextLong());
      batch.addAll(found);
      slices += found.isEmpty() ? 0 : 1;
      if (!batch.isEmpty() && (batch.size() >= BlockDeletion.BATCH || !ids.hasNext())) {
        long size = garbage.bytes(batch);
        deletion.delete(part.bucket(), batch.stream().map(Stored::key).toList());
        metrics.swept(size);
        steps.reached(SweepStep.SWEEP_DELETED);
        blocks += batch.size();
        bytes += size;
        batch.clear();
      }
    }
    Freed seen = Freed.of(part);
    return new Freed(slices, blocks, bytes, seen.youngSlices(), seen.youngBytes());
  }

  private void finish(Lineage lineage, Part part, Freed freed) {
    if (freed.slices() > 0) {
      LOG.info(
          "lineage {} had {} slices that nothing names: {} bytes of blocks were deleted",
          lineage,
          freed.slices(),
          freed.bytes());
    }
    if (part.to().isEmpty()) {
      strays.delete(lineage, part.bucket(), part.before());
      steps.reached(SweepStep.SWEEP_TIDIED);
    }
    remember(lineage, part, freed);
    steps.reached(SweepStep.SWEEP_REMEMBERED);
  }

  private void remember(Lineage lineage, Part part, Freed freed) {
    Sizes found = part.sizes();
    // More may have been deleted than was seen: of a slice that the next part has blocks of, too.
    long reclaimable = Math.max(0, found.reclaimable() - freed.bytes());
    var sizes = new Sizes(found.shared(), found.exclusive(), reclaimable);
    boolean all = part.young().isEmpty() && freed.slices() == part.garbage().size();
    var swept = new Lineages.Part(part.from(), part.to(), all ? Left.NOTHING : Left.YOUNG, sizes);
    if (!lineages.swept(lineage, swept)) {
      marks.swept(new VolumeId(lineage.value()), part.to()); // of a volume that nobody copied
    }
  }
}
