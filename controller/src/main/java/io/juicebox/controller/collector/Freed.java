package io.juicebox.controller.collector;

import io.juicebox.controller.collector.UnnamedSlices.Part;
import io.juicebox.controller.collector.Window.Found;
import java.util.List;

/**
 * What a sweep deleted, or would delete, of a lineage or of a part of it.
 *
 * @param bytes of its blocks, before compression
 * @param youngSlices that nobody names either, and that are too young to go
 */
public record Freed(long slices, long blocks, long bytes, long youngSlices, long youngBytes) {
  static final Freed NOTHING = new Freed(0, 0, 0, 0, 0);

  /** All that may go of a part. */
  static Freed of(Part part) {
    return new Freed(
        part.garbage().size(),
        part.garbage().stream().mapToLong(Found::blocks).sum(),
        bytes(part.garbage()),
        part.young().size(),
        bytes(part.young()));
  }

  private static long bytes(List<Found> slices) {
    return slices.stream().mapToLong(Found::bytes).sum();
  }

  Freed plus(Freed more) {
    return new Freed(
        slices + more.slices,
        blocks + more.blocks,
        bytes + more.bytes,
        youngSlices + more.youngSlices,
        youngBytes + more.youngBytes);
  }
}
