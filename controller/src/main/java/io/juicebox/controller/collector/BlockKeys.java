package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Slice;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** The keys that JuiceFS gives to a lineage's blocks (pkg/chunk/cached_store.go). */
record BlockKeys(Lineage lineage) {
  private static final Pattern KEY =
      Pattern.compile("chunks/\\d+/\\d+/(\\d{1,18})_\\d+_(\\d{1,18})");

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

  /** What the keys of a member's blocks begin with; so may those of other members. */
  String ofMember(Member member) {
    return lineage.prefix() + "chunks/" + member.value();
  }

  /** Reads a key; empty when it is none of a block. */
  Optional<Block> parse(String key) {
    if (!key.startsWith(lineage.prefix())) {
      return Optional.empty();
    }
    var matcher = KEY.matcher(key.substring(lineage.prefix().length()));
    return matcher.matches()
        ? Optional.of(new Block(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }
}
