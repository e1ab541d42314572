package io.juicebox.controller.collector;

import io.juicebox.controller.collector.Window.Age;
import io.juicebox.controller.collector.Window.Found;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Lineages.Relatives;
import io.juicebox.controller.registry.Lineages.Sizes;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.Lineage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Finds the blocks of a lineage that no relative names: those of slices that died where others had
 * them, too, and those that a client uploaded that died before it could name them.
 *
 * <p>First it lists a part of them, then it looks for names until, at an instant at which no copy
 * is being made, all relatives that there are have been looked at. What has no name in a relative
 * never gets one there again, and a copy names only what its source does. So whatever had no name
 * by then has none for ever, and a copy that came to be meanwhile is one more relative to look at.
 * Blocks younger than BLOCK_MIN_AGE may get their first name yet.
 */
final class UnnamedSlices {
  /** Slices in a part: 10 MB while it is looked at, and one look at all metadata for each. */
  static final int MOST = 200_000;

  /** For the copies that are being made. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Lineages lineages;
  private final Names names;
  private final ObjectStore objects;
  private final Duration minAge;
  private final int most;
  private final Steps steps;

  /**
   * @param minAge of a block that may go
   * @param most slices in a part, {@link #MOST} but in tests
   */
  UnnamedSlices(CollectedBackend backend, Duration minAge, int most, Steps steps) {
    this.lineages = backend.lineages();
    this.names =
        new Names(
            backend.registry(),
            backend.snapshots(),
            backend.garbage(),
            backend.objects(),
            backend.files());
    this.objects = backend.objects();
    this.minAge = minAge;
    this.most = most;
    this.steps = steps;
  }

  /**
   * What was found in one part of a lineage's blocks.
   *
   * @param before blocks written later are young
   * @param from where the part begins; empty for the first one
   * @param to where the next one begins; empty after the last one
   * @param garbage slices that nobody names, in the order of their keys
   * @param young the same, but too young to go
   * @param sizes of all that is in it
   */
  record Part(
      BlockKeys keys,
      String bucket,
      Instant before,
      Optional<String> from,
      Optional<String> to,
      List<Found> garbage,
      List<Found> young,
      Sizes sizes) {}

  /**
   * Looks at a part of a lineage.
   *
   * @param from where the part before ended; empty for the first one
   * @return empty while copies are being made without an instant between them, where there is no
   *     such lineage, or when the time was over
   */
  Optional<Part> look(Lineage lineage, Optional<String> from, BooleanSupplier mayGoOn)
      throws InterruptedException {
    Optional<String> bucket = relatives(lineage, mayGoOn).flatMap(UnnamedSlices::bucket);
    if (bucket.isEmpty()) {
      return Optional.empty();
    }
    var keys = new BlockKeys(lineage);
    Instant before = Instant.now().minus(minAge);
    Window window = Window.list(objects, bucket.get(), keys, from, most, before, mayGoOn);
    steps.reached(SweepStep.SWEEP_LISTED);
    return count(lineage, window.ids(), mayGoOn)
        .map(tally ->
            new Part(
                keys,
                bucket.get(),
                before,
                from,
                window.next(),
                unnamed(window, tally, Age.OLD),
                unnamed(window, tally, Age.YOUNG),
                sizes(window, tally)));
  }

  /** Between two copies, for which it waits a little: where forks are made all day there is one. */
  private Optional<Relatives> relatives(Lineage lineage, BooleanSupplier mayGoOn)
      throws InterruptedException {
    Deadline deadline = Deadline.in(PATIENCE);
    while (true) {
      Optional<Relatives> relatives = lineages.relatives(lineage);
      if (relatives.isPresent()
          || deadline.isOver()
          || !mayGoOn.getAsBoolean()
          || lineages.find(lineage).isEmpty()) {
        return relatives;
      }
      Thread.sleep(PAUSE);
    }
  }

  private static Optional<String> bucket(Relatives relatives) {
    return Stream.concat(
            relatives.volumes().stream().map(VolumeRecord::bucket),
            relatives.snapshots().stream().map(SnapshotRecord::bucket))
        .findFirst();
  }

  private Optional<Tally> count(Lineage lineage, long[] slices, BooleanSupplier mayGoOn)
      throws InterruptedException {
    var looks = new Looks(names, slices, mayGoOn);
    while (true) {
      Optional<Relatives> relatives = relatives(lineage, mayGoOn);
      if (relatives.isEmpty()) {
        return Optional.empty();
      }
      if (looks.areEnough(relatives.get())) {
        return Optional.of(looks.tally());
      }
      if (!looks.at(relatives.get())) {
        return Optional.empty();
      }
      steps.reached(SweepStep.SWEEP_LOOKED);
    }
  }

  private static List<Found> unnamed(Window window, Tally tally, Age age) {
    return window.slices().stream()
        .filter(slice -> slice.age() == age && tally.relatives(slice.id()) == 0)
        .toList();
  }

  private static Sizes sizes(Window window, Tally tally) {
    var bytes = new long[3];
    for (Found slice : window.slices()) {
      bytes[tally.relatives(slice.id())] += slice.bytes();
    }
    return new Sizes(bytes[2], bytes[1], bytes[0]);
  }
}
