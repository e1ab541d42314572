package io.juicebox.test.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a {@link Load} has seen so far. Moments are those of {@link System#nanoTime}.
 *
 * @param ready the kinds whose first step is done
 * @param ended the kinds whose last check is done
 * @param pauses operations that took more than 50 ms; the looker's, more than 20 ms
 * @param held the times at which locks were held, as their holders know
 * @param wrong promises that were not kept: records lost, contents changed
 * @param acknowledged how many records and rows were promised to be safe; known at the end
 */
record Seen(
    Set<String> ready,
    Set<String> ended,
    List<Failure> failures,
    List<Pause> pauses,
    List<Held> held,
    List<String> wrong,
    long acknowledged) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An operation that ended with an error. */
  record Failure(String error, String kind, String operation, long begun, long ended) {
    /** {@code EBADF writer fsync}. */
    String title() {
      return error + " " + kind + " " + operation;
    }
  }

  /** An operation that took long. */
  record Pause(String kind, String operation, long begun, long ended) {
    Duration took() {
      return Duration.ofNanos(ended - begun);
    }
  }

  /**
   * A lock that was held.
   *
   * @param until when it was given back, or when it was last known to be held
   * @param lost whether an error ended it
   */
  record Held(String lock, String by, long taken, long until, boolean lost) {}

  /** Reads what a load has written; a last line that is not whole is left out. */
  static Seen read(Path file) {
    var seen =
        new Seen(
            new TreeSet<>(),
            new TreeSet<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            0);
    long acknowledged = 0;
    try {
      var text = Files.readString(file);
      for (var line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        var facts = JSON.readTree(line);
        seen.add(facts);
        acknowledged += facts.path("acknowledged").asLong();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seen.with(acknowledged);
  }

  private Seen with(long counted) {
    return new Seen(ready, ended, failures, pauses, held, wrong, counted);
  }

  private void add(JsonNode line) {
    var kind = line.path("kind").asText();
    var operation = line.path("operation").asText();
    long at = line.path("at").asLong();
    if (line.has("ready")) {
      ready.add(line.path("ready").asText());
    } else if (line.has("end")) {
      ended.add(line.path("end").asText());
    } else if (line.has("error")) {
      long end = at + line.path("took").asLong();
      failures.add(new Failure(line.path("error").asText(), kind, operation, at, end));
    } else if (line.has("pause")) {
      pauses.add(new Pause(kind, operation, at, at + line.path("pause").asLong()));
    } else if (line.has("wrong")) {
      wrong.add(kind + ": " + line.path("wrong").asText());
    } else if (line.has("lock")) {
      held.add(
          new Held(
              line.path("lock").asText(),
              line.path("by").asText(),
              line.path("taken").asLong(),
              line.path("until").asLong(),
              line.path("lost").asBoolean()));
    } else {
      throw new IllegalStateException("a load says what nobody knows: " + line);
    }
  }

  /** Only what ended between two moments; what has no time stays. */
  Seen between(long from, long to) {
    return new Seen(
        ready,
        ended,
        failures.stream().filter(it -> it.ended >= from && it.ended < to).toList(),
        pauses.stream().filter(it -> it.ended >= from && it.ended < to).toList(),
        held.stream().filter(it -> it.until >= from && it.until < to).toList(),
        wrong,
        acknowledged);
  }

  /** The longest of the operations that took long; zero if none did. */
  Duration longestPause() {
    return pauses.stream().map(Pause::took).max(Duration::compareTo).orElse(Duration.ZERO);
  }

  /** {@code 2 x EBADF writer fsync, ...}; empty if there was no error. */
  String errors() {
    var counts =
        failures.stream()
            .collect(Collectors.groupingBy(Failure::title, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(count -> count.getValue() + " x " + count.getKey())
        .collect(Collectors.joining(", "));
  }

  /** Locks that two held at the same time, by their own knowledge. */
  List<String> doubleLocks() {
    var broken = new ArrayList<String>();
    for (var lock : held.stream().map(Held::lock).collect(Collectors.toSet())) {
      var times =
          held.stream()
              .filter(it -> it.lock.equals(lock))
              .sorted((a, b) -> Long.compare(a.taken, b.taken))
              .toList();
      for (int i = 1; i < times.size(); i++) {
        if (times.get(i).taken < times.get(i - 1).until) {
          broken.add(times.get(i - 1) + " and " + times.get(i));
        }
      }
    }
    return broken;
  }
}
