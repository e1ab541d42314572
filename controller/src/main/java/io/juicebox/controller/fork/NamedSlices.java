package io.juicebox.controller.fork;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * Finds the slices that the entries of a stream name, in the places in which a filesystem names
 * any: the chunks of files, compacted slices that wait, counters. Also those that only an entry
 * names which a later one replaces: a few too many, and nothing has to be remembered for it.
 *
 * @param action gets each id as often as it is named
 */
record NamedSlices(LongConsumer action) implements Consumer<Entry> {
  private static final Pattern CHUNK = Pattern.compile("c\\d.*_.*", Pattern.DOTALL);
  private static final Pattern COUNTER = Pattern.compile("k(\\d{1,18})_");

  // A chunk's records: position u32, id u64, size u32, offset u32, length u32
  private static final int RECORD = 24;
  private static final int RECORD_ID = 4;

  // A compacted slice: id u64, size u32
  private static final int DELAYED = 12;

  @Override
  public void accept(Entry entry) {
    switch (entry) {
      case Value(var key, var type, var parts) -> accept(key, type, parts);
      case More(var key, var type, var parts) -> accept(key, type, parts);
      case Removed _ -> {}
    }
  }

  private void accept(String key, ValueType type, List<String> parts) {
    if (type == ValueType.LIST && CHUNK.matcher(key).matches()) {
      parts.stream()
          .filter(record -> record.length() == RECORD)
          .forEach(record -> action.accept(id(record, RECORD_ID)));
    } else if (type == ValueType.HASH && key.equals("sliceRef")) {
      for (int field = 0; field < parts.size(); field += 2) {
        counted(parts.get(field));
      }
    } else if (type == ValueType.HASH && key.equals("delSlices")) {
      for (int value = 1; value < parts.size(); value += 2) {
        delayed(parts.get(value));
      }
    }
  }

  private void counted(String field) {
    var matcher = COUNTER.matcher(field);
    if (matcher.lookingAt()) {
      action.accept(Long.parseLong(matcher.group(1)));
    }
  }

  private void delayed(String slices) {
    for (int at = 0; at + DELAYED <= slices.length(); at += DELAYED) {
      action.accept(id(slices, at));
    }
  }

  /** A u64 of eight bytes, each a character. */
  private static long id(String bytes, int at) {
    long id = 0;
    for (int i = at; i < at + Long.BYTES; i++) {
      id = id << Byte.SIZE | bytes.charAt(i);
    }
    return id;
  }
}
