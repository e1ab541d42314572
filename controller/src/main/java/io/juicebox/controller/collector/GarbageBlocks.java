package io.juicebox.controller.collector;

import io.juicebox.controller.collector.BlockKeys.Block;
import io.juicebox.controller.collector.UnnamedSlices.Part;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.ObjectStore.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The blocks of the slices of one part that nobody names, in the order of their keys, listed once
 * more page by page: there may be new ones. For one thread.
 */
final class GarbageBlocks {
  private static final int PAGE = 1_000;

  /** No slice of JuiceFS has more: 64 MiB in blocks of 64 KiB. What is beyond comes next time. */
  private static final int MOST = 1_024;

  private final ObjectStore objects;
  private final Part part;
  private List<Stored> page = List.of();
  private int place;
  private boolean last;

  GarbageBlocks(ObjectStore objects, Part part) {
    this.objects = objects;
    this.part = part;
  }

  /**
   * The blocks of a slice; none when it has grown just now.
   *
   * @param slice of the part, and not before one that was asked for
   */
  List<Stored> of(long slice) {
    String prefix = part.keys().ofSlice(slice);
    while (place < page.size() && page.get(place).key().compareTo(prefix) <= 0) {
      place++;
    }
    var blocks = new ArrayList<Stored>();
    while (blocks.size() < MOST && hasNext(blocks.isEmpty() ? prefix : blocks.getLast().key())) {
      Stored next = page.get(place);
      if (!next.key().startsWith(prefix)) {
        break;
      }
      blocks.add(next);
      place++;
    }
    boolean grown = blocks.stream().anyMatch(it -> !it.written().isBefore(part.before()));
    return grown ? List.of() : blocks;
  }

  private boolean hasNext(String after) {
    if (place == page.size() && !last) {
      page = objects.page(part.bucket(), part.keys().all(), Optional.of(after), PAGE);
      place = 0;
      last = page.size() < PAGE;
    }
    return place < page.size();
  }

  /** Sizes of blocks before compression, as their keys say. */
  long bytes(List<Stored> blocks) {
    return blocks.stream()
        .flatMap(block -> part.keys().parse(block.key()).stream())
        .mapToLong(Block::bytes)
        .sum();
  }
}
