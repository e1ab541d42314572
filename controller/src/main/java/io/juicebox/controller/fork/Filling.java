package io.juicebox.controller.fork;

import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.Number;
import java.time.Duration;
import java.util.List;

/**
 * A number that the server itself fills with most of what is read of another one, in the same
 * steps.
 *
 * @param source that is read
 * @param writer of the number that is filled; it has begun
 */
record Filling(Number source, MetadataWriter writer) {
  /** What copy.lua needs to know of it. */
  List<String> arguments() {
    return List.of(source.toString(), writer.number().toString(), writer.mark(), writer.nextMark());
  }

  /** The server has copied the next part. */
  void copied(Duration took) {
    writer.wrotePart(took);
  }

  /** What it means that somebody else fills the number now. */
  OperationPending lost() {
    return writer.pending();
  }
}
