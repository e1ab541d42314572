package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** What the entries come to. */
final class Copy implements Consumer<Entry> {
  final Map<String, List<String>> values = new LinkedHashMap<>();

  @Override
  public void accept(Entry entry) {
    switch (entry) {
      case Value(var key, _, var parts) -> values.put(key, new ArrayList<>(parts));
      case More(var key, _, var parts) ->
          values.computeIfAbsent(key, _ -> new ArrayList<>()).addAll(parts);
      case Removed(var key) -> values.remove(key);
    }
  }

  Map<String, String> fields(String key) {
    var fields = new LinkedHashMap<String, String>();
    var parts = values.getOrDefault(key, List.of());
    for (int i = 0; i < parts.size(); i += 2) {
      fields.put(parts.get(i), parts.get(i + 1));
    }
    return fields;
  }

  /** The last write that it has; fails when it lacks one before. */
  long requireOneInstant() {
    long last =
        values.entrySet().stream()
            .filter(entry -> entry.getKey().matches("i\\d{4}"))
            .mapToLong(entry -> Long.parseLong(entry.getValue().getFirst()))
            .max()
            .orElseThrow();
    for (long write = Math.max(1, last - Writing.INODES + 1); write <= last; write++) {
      assertThat(values.get("i" + (1000 + write % Writing.INODES)))
          .containsExactly(Long.toString(write));
    }
    assertThat(values.keySet().stream().filter(key -> key.startsWith("c")))
        .containsExactlyInAnyOrderElementsOf(chunks(last));
    return last;
  }

  private static List<String> chunks(long last) {
    return LongStream.rangeClosed(Math.max(1, last - Writing.CHUNKS + 1), last)
        .mapToObj("c%d_0"::formatted)
        .toList();
  }
}
