package io.juicebox.controller.meta;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A piece of data that one write or one compaction made, and that lies in one block or several.
 *
 * @param id never given twice in a lineage
 * @param size bytes before compression
 */
public record Slice(long id, long size) {
  private static final Pattern FIELD = Pattern.compile("k([1-9]\\d{0,17})_([1-9]\\d{0,9})");

  /** Reads a field of {@code sliceRef}; empty for what no JuiceFS writes. */
  static Optional<Slice> parse(String field) {
    var matcher = FIELD.matcher(field);
    return matcher.matches()
        ? Optional.of(new Slice(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /** The field of {@code sliceRef} that counts its references. */
  String field() {
    return "k" + id + "_" + size;
  }
}
