package io.juicebox.controller.fork;

import io.juicebox.csi.volume.Number;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * A number that the server itself fills with most of what is read of another one, in the same
 * steps.
 *
 * @param source that is read
 * @param writer of the number that is filled; it has begun
 * @param slices gets the id of each slice that is named by what the server copies
 */
record Filling(Number source, MetadataWriter writer, LongConsumer slices) {
  /** What the scripts of a copy need to know, see copy.lua. */
  List<String> arguments() {
    return List.of(source.toString(), writer.number().toString(), writer.mark(), writer.nextMark());
  }

  /** A step has copied something. */
  void copied(String ids) {
    writer.wrotePart();
    for (int at = 0; at < ids.length(); at += Long.BYTES) {
      slices.accept(NamedSlices.id(ids, at));
    }
  }
}
