package io.juicebox.controller.collector;

import io.juicebox.controller.collector.UnnamedSlices.Part;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Lineages.Known;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Sweeps lineages of one backend when an operator says so. */
public final class SweepNow {
  private static final int PAGE = 500;

  private final BackendName backend;
  private final Registry registry;
  private final CollectorMarks marks;
  private final Lineages lineages;
  private final UnnamedSlices unnamed;
  private final BlockSweep sweep;

  public SweepNow(CollectedBackend backend, CollectorSettings settings, Steps steps) {
    var meters = new SimpleMeterRegistry(); // this process has no metrics
    this.backend = backend.name();
    this.registry = backend.registry();
    this.marks = backend.marks();
    this.lineages = backend.lineages();
    this.unnamed = new UnnamedSlices(backend, settings.blockMinAge(), UnnamedSlices.MOST, steps);
    this.sweep =
        new BlockSweep(
            backend,
            settings,
            unnamed,
            new LineageMetrics(meters, backend.name(), 0),
            new CollectorMetrics(meters, backend.name()),
            steps);
  }

  /** Where they are. */
  public BackendName backend() {
    return backend;
  }

  /**
   * The lineage of an id.
   *
   * @param id of a volume, or of one that may be gone and that a lineage is called after
   */
  public Optional<Lineage> find(VolumeId id) {
    return registry
        .find(id)
        .map(VolumeRecord::lineage)
        .or(() -> lineages.find(Lineage.startedBy(id)).map(Known::lineage));
  }

  /** All lineages, also those that consist of one volume, read page by page. */
  public Stream<Lineage> all() {
    Set<Lineage> seen = new HashSet<>();
    return Stream.concat(
            Stream.iterate(
                    lineages.list(Optional.empty(), PAGE),
                    page -> !page.isEmpty(),
                    page -> lineages.list(Optional.of(page.getLast().lineage()), PAGE))
                .flatMap(List::stream)
                .map(Known::lineage),
            registry.all().map(VolumeRecord::lineage))
        .filter(seen::add);
  }

  /** The right to delete; empty while another controller has it. */
  public Optional<Claim> claim() {
    return marks.claimSweepBlocks();
  }

  /**
   * What {@link #sweep} would do; nothing is changed.
   *
   * @return empty while a copy is being made, or where the lineage is gone
   */
  public Optional<Freed> preview(Lineage lineage) throws InterruptedException {
    var all = Freed.NOTHING;
    Optional<String> position = Optional.empty();
    do {
      Optional<Part> part = unnamed.look(lineage, position, () -> true);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      all = all.plus(Freed.of(part.get()));
      position = part.get().to();
    } while (position.isPresent());
    return Optional.of(all);
  }

  /**
   * Deletes the blocks that no metadata names.
   *
   * @return empty while a copy is being made, where the lineage is gone, or when the claim was lost
   */
  public Optional<Freed> sweep(Lineage lineage, Claim claim) throws InterruptedException {
    return sweep.sweep(lineage, Optional.empty(), claim);
  }
}
