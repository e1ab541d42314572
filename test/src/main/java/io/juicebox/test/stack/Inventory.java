package io.juicebox.test.stack;

import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * All that exists at one moment, one line for each thing: keys of each Redis number, records and
 * numbers of the registry, objects, buckets, mounts, processes, files and directories of the nodes.
 * Lines name no pid, time or token, so that two inventories are equal when the same things exist.
 */
public record Inventory(NavigableSet<String> things) {
  private static final int MOST = 40;

  public Inventory {
    things = Collections.unmodifiableNavigableSet(new TreeSet<>(things));
  }

  /**
   * What came ({@code + thing}) and went ({@code - thing}) since an earlier inventory; empty if
   * nothing did.
   */
  public List<String> since(Inventory before) {
    return Stream.concat(
            things.stream().filter(Predicate.not(before.things::contains)).map(t -> "+ " + t),
            before.things.stream().filter(Predicate.not(things::contains)).map(t -> "- " + t))
        .toList();
  }

  /**
   * A list as text that a person can still read: the first 40 things, and how many more there are.
   */
  public static String brief(List<String> things) {
    var first = String.join("\n", things.subList(0, Math.min(MOST, things.size())));
    return things.size() <= MOST ? first : first + "\n... and " + (things.size() - MOST) + " more";
  }

  /**
   * The things whose line starts with a word: {@code key}, {@code object}, {@code mount}, {@code
   * process}, ...
   */
  public List<String> of(String kind) {
    return things.stream().filter(thing -> thing.startsWith(kind + " ")).toList();
  }

  @Override
  public String toString() {
    return String.join("\n", things);
  }
}
