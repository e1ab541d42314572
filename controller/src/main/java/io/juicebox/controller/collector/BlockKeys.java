package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Slice;
import io.juicebox.csi.volume.Lineage;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** The keys that JuiceFS gives to a lineage's blocks (pkg/chunk/cached_store.go). */
record BlockKeys(Lineage lineage) {
  private static final Pattern KEY =
      Pattern.compile("chunks/\\d+/\\d+/(\\d{1,18})_\\d+_(\\d{1,18})");

  /** JuiceFS's ChunkSize: whoever writes a larger one into a key made it up. */
  private static final long LARGEST = 64L << 20;

  /** What a block's key says: the slice that it is a part of, and its bytes before compression. */
  record Block(long slice, long bytes) {}

  /** All blocks of a slice: of the same size but for the last one, which may be shorter. */
  List<String> of(Slice slice, int blockSize) {
    long blocks = (slice.size() + blockSize - 1) / blockSize;
    return LongStream.range(0, blocks)
        .mapToObj(
            i -> ofSlice(slice.id()) + i + "_" + Math.min(blockSize, slice.size() - i * blockSize))
        .toList();
  }

  /** What the keys of a slice's blocks begin with, and no other's. */
  String ofSlice(long id) {
    return "%schunks/%d/%d/%d_".formatted(lineage.prefix(), id / 1_000_000, id / 1_000, id);
  }

  /** What the keys of all blocks begin with. */
  String all() {
    return lineage.prefix() + "chunks/";
  }

  /** Reads a key; empty when it is none of a block: JuiceFS would look for it elsewhere. */
  Optional<Block> parse(String key) {
    if (!key.startsWith(lineage.prefix())) {
      return Optional.empty();
    }
    var matcher = KEY.matcher(key.substring(lineage.prefix().length()));
    if (!matcher.matches() || !key.startsWith(ofSlice(Long.parseLong(matcher.group(1))))) {
      return Optional.empty();
    }
    long bytes = Math.min(LARGEST, Long.parseLong(matcher.group(2)));
    return Optional.of(new Block(Long.parseLong(matcher.group(1)), bytes));
  }
}
