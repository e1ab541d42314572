package io.juicebox.controller.collector;

import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.ObjectStore.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A part of a volume's slices, as their blocks lie in the object store: eight bytes for each slice,
 * however many blocks it has.
 */
final class Window {
  private static final int PAGE = 1_000;

  private final long[] slices;
  private final Optional<String> next;

  private Window(long[] slices, Optional<String> next) {
    this.slices = slices;
    this.next = next;
  }

  /** Their ids, each once, in ascending order. */
  long[] slices() {
    return slices;
  }

  /** Behind which key the next part begins; empty after the last one. */
  Optional<String> next() {
    return next;
  }

  /**
   * Lists the next part.
   *
   * @param most how many slices, or a page more
   * @param before younger blocks are passed over
   */
  static Window list(
      ObjectStore objects, Job job, Optional<String> after, int most, Instant before) {
    String prefix = job.keys().ofMember(job.volume().member());
    var found = LongStream.builder();
    int count = 0;
    Optional<String> next = after;
    do {
      List<Stored> page = objects.page(job.volume().bucket(), prefix, next, PAGE);
      long[] old = old(job, page, before);
      LongStream.of(old).forEach(found);
      count += old.length;
      next = page.size() < PAGE ? Optional.empty() : Optional.of(page.getLast().key());
    } while (next.isPresent() && count < most && job.mayGoOn());
    return new Window(found.build().sorted().distinct().toArray(), next);
  }

  private static long[] old(Job job, List<Stored> page, Instant before) {
    return page.stream()
        .filter(stored -> stored.written().isBefore(before))
        .flatMap(stored -> job.keys().parse(stored.key()).stream())
        .mapToLong(BlockKeys.Block::slice)
        .filter(job::owns)
        .distinct()
        .toArray();
  }
}
