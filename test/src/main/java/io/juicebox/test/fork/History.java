package io.juicebox.test.fork;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The changes of several chains, in the order of each. In a chain one begins when the former is
 * done; what is done is in force, and may be so from its beginning on.
 */
record History(Map<String, List<Change>> chains) {

  /** When a change began and was done, in moments of {@link System#nanoTime}. */
  record Change(long begun, long done) {}

  /** Reads a file of each chain, by its name, as {@code test/fork/ordered.py} writes them. */
  static History read(Path ledgers) {
    var chains = new TreeMap<String, List<Change>>();
    try (var files = Files.newDirectoryStream(ledgers)) {
      for (Path file : files) {
        chains.put(file.getFileName().toString(), changes(Files.readAllBytes(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new History(chains);
  }

  private static List<Change> changes(byte[] ledger) {
    var moments = ByteBuffer.wrap(ledger).order(ByteOrder.LITTLE_ENDIAN);
    var changes = new ArrayList<Change>();
    while (moments.hasRemaining()) {
      changes.add(new Change(moments.getLong(), moments.getLong()));
    }
    return changes;
  }

  /** Changes that were done in each second between two moments. */
  double rate(long from, long to) {
    long done =
        chains.values().stream()
            .flatMap(List::stream)
            .filter(change -> change.done >= from && change.done < to)
            .count();
    return done / ((to - from) / 1e9);
  }

  /**
   * Looks for an instant between two moments that a copy may be of: all was begun that the copy
   * has, and nothing was done that it lacks.
   *
   * @param counts how many of each chain's changes the copy has
   * @return why there is none; empty when there is one
   */
  Optional<String> whyNoInstant(Map<String, Integer> counts, long from, long to) {
    if (!counts.keySet().equals(chains.keySet())) {
      return Optional.of("it has the chains " + counts.keySet());
    }
    var latest = new Event("the call", from); // of what was before the instant
    var earliest = new Event("the answer", to); // of what was after it
    for (var chain : chains.entrySet()) {
      var changes = chain.getValue();
      int count = counts.getOrDefault(chain.getKey(), 0);
      if (count > changes.size()) {
        return Optional.of("%s made no change %d".formatted(chain.getKey(), count));
      }
      if (count > 0) {
        var last =
            new Event("the begin of " + chain.getKey() + " " + count, changes.get(count - 1).begun);
        latest = last.at > latest.at ? last : latest;
      }
      if (count < changes.size()) {
        var next =
            new Event("the end of " + chain.getKey() + " " + (count + 1), changes.get(count).done);
        earliest = next.at < earliest.at ? next : earliest;
      }
    }
    return latest.at <= earliest.at
        ? Optional.empty()
        : Optional.of(
            "%s should be before %s, and was %.3f ms after it"
                .formatted(latest.what, earliest.what, (latest.at - earliest.at) / 1e6));
  }

  private record Event(String what, long at) {}
}
