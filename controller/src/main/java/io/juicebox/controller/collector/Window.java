package io.juicebox.controller.collector;

import io.juicebox.controller.collector.BlockKeys.Block;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.ObjectStore.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A part of a lineage's slices, as their blocks lie in the object store: some forty bytes for each
 * slice, however many blocks it has.
 *
 * @param slices each once, in the order of their keys
 * @param next behind which key the next part begins; empty after the last one
 */
record Window(List<Found> slices, Optional<String> next) {
  private static final int PAGE = 1_000;

  /**
   * A slice.
   *
   * @param bytes of its blocks, before compression
   * @param age of its youngest block
   */
  record Found(long id, int blocks, long bytes, Age age) {
    private Found with(Block block, Age of) {
      return new Found(id, blocks + 1, bytes + block.bytes(), of == Age.YOUNG ? of : age);
    }
  }

  /** Whether a block may belong to a write that is under way. */
  enum Age {
    YOUNG,
    OLD
  }

  /** Their ids, in ascending order. */
  long[] ids() {
    return slices.stream().mapToLong(Found::id).sorted().toArray();
  }

  /**
   * Lists the next part.
   *
   * @param most how many slices, or a page more
   * @param before younger blocks are {@link Age#YOUNG}
   */
  static Window list(
      ObjectStore objects,
      String bucket,
      BlockKeys keys,
      Optional<String> after,
      int most,
      Instant before,
      BooleanSupplier mayGoOn) {
    var found = new ArrayList<Found>();
    Optional<String> next = after;
    do {
      List<Stored> page = objects.page(bucket, keys.all(), next, PAGE);
      for (Stored stored : page) {
        Age age = stored.written().isBefore(before) ? Age.OLD : Age.YOUNG;
        keys.parse(stored.key()).ifPresent(block -> add(found, block, age));
      }
      next = page.size() < PAGE ? Optional.empty() : Optional.of(page.getLast().key());
    } while (next.isPresent() && found.size() < most && mayGoOn.getAsBoolean());
    return new Window(List.copyOf(found), next);
  }

  /** Blocks of one slice follow one another: their keys begin alike, and no other's do so. */
  private static void add(List<Found> found, Block block, Age age) {
    if (!found.isEmpty() && found.getLast().id() == block.slice()) {
      found.add(found.removeLast().with(block, age));
    } else {
      found.add(new Found(block.slice(), 1, block.bytes(), age));
    }
  }
}
