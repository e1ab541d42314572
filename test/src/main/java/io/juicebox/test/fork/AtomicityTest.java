package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.Snapshot;
import io.juicebox.test.bench.BareJuicefs;
import io.juicebox.test.fork.Observer.Cost;
import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Copies of a volume in which more than a thousand changes a second are made in order have, each of
 * them, what there was at one instant between the call and its answer; and nobody else waits much
 * longer than without copies.
 */
@Tag("fork")
@DisplayName("fork: a copy is of one instant")
@Timeout(3600)
final class AtomicityTest {
  private static final int SNAPSHOTS = Rounds.of(3, 50);

  /** Further ones, and a fork, while others are watched, who take of the machine, too. */
  private static final int OBSERVED = Rounds.of(1, 10);

  /** Between two snapshots, so that there is something of the machine for the changes. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** Changes a second. */
  private static final double LEAST = 1000.0 / Rounds.LENIENCE;

  /**
   * Of {@code ordered.py}, a chain each; those that cost JuiceFS little are the most, and they are
   * many, as each waits for Redis to sync its change.
   */
  private static final List<String> KINDS =
      Stream.of(
              Collections.nCopies(10, "attribute"),
              Collections.nCopies(4, "size"),
              List.of("name", "content"))
          .flatMap(List::stream)
          .toList();

  private static final int FILES_OF_A_CHAIN = 40;

  /** Fewer elements than the volume has, which then is read bit by bit. */
  private static final String FEW = "600";

  /** Far above the numbers that the controller hands out. */
  private static final int SLOW = 3001;

  private static final int AT_REST = 3002;

  /** What others are watched for without a copy: about as long as with all. */
  private static final Duration CONTROL = Duration.ofSeconds(Rounds.of(5, 20));

  /** Milliseconds that a client of Redis may wait longer while copies are made. */
  private static final double MOST_WAIT = 50.0 * Rounds.LENIENCE;

  private static final Table TABLE =
      new Table(
          "Copies of a volume in use, waits of others in ms",
          "read",
          "snapshots",
          "changes a second",
          "cuts",
          "SET/GET elsewhere, without a copy",
          "with copies",
          "a neighbour's write, without a copy",
          "with copies");

  @AfterAll
  static void print() {
    TABLE.print(System.out);
  }

  @Test
  void thoseReadAtOnceWhereThereIsRoom() {
    try (var stack = LocalStack.start()) {
      assertThat(copyWhileItChanges(stack, "as it comes")).isNotEmpty();
    }
  }

  @Test
  void thoseReadBitByBit() {
    try (var stack = LocalStack.builder().controller("COPY_KEYS_AT_ONCE", FEW).start()) {
      assertThat(copyWhileItChanges(stack, "bit by bit"))
          .allMatch(line -> line.contains("COPIED_BEFORE"));
    }
  }

  /** What the controller said of the readings. */
  private static List<String> copyWhileItChanges(LocalStack stack, String how) {
    var source = OwnVolume.create(stack, "source");
    source.publish();
    var snapshots = new ArrayList<Made<Snapshot>>();
    Made<OwnVolume> fork;
    History history;
    var without = new ArrayList<Cost>();
    var with = new ArrayList<Cost>();
    try (var chains = startChains(source)) {
      for (int i = 0; i < SNAPSHOTS; i++) {
        var name = "instant-" + i;
        snapshots.add(Made.by(() -> source.snapshot(name)));
        var _ = pause(PAUSE);
      }
      try (var observer = Observer.start(stack)) {
        var _ = observer.observe(without, () -> pause(CONTROL));
        for (int i = 0; i < OBSERVED; i++) {
          var name = "observed-" + i;
          snapshots.add(Made.by(() -> observer.observe(with, () -> source.snapshot(name))));
        }
        fork = Made.by(() -> observer.observe(with, () -> source.fork("fork")));
      }
      history = chains.stop();
    }
    source.unpublish();
    double rate =
        history.rate(snapshots.getFirst().called(), snapshots.get(SNAPSHOTS - 1).answered());
    var readings = Readings.of(stack);
    tell(how, rate, readings, without, with);
    assertThat(rate).as("changes a second").isGreaterThanOrEqualTo(LEAST);
    assertThat(Cost.most(with, Cost::client))
        .as("ms that a client elsewhere waited")
        .isLessThanOrEqualTo(Cost.most(without, Cost::client) + MOST_WAIT);

    for (var snapshot : snapshots) {
      var restored = OwnVolume.restore(stack, "of-" + snapshot.it().getSnapshotId(), snapshot.it());
      assertThat(whyNoInstant(restored, history, snapshot)).isEmpty();
      restored.delete();
    }
    assertThat(whyNoInstant(fork.it(), history, fork)).isEmpty();
    return readings;
  }

  private static boolean pause(Duration time) {
    return Waiting.until(() -> false, time, time);
  }

  private static void tell(
      String how, double rate, List<String> readings, List<Cost> without, List<Cost> with) {
    var cuts =
        readings.stream()
            .map(line -> line.replaceAll(".*cuts=(\\d+).*", "$1"))
            .collect(Collectors.groupingBy(it -> it, TreeMap::new, Collectors.counting()));
    TABLE.add(
        how,
        SNAPSHOTS + OBSERVED,
        rate,
        cuts,
        Cost.most(without, Cost::client),
        Cost.most(with, Cost::client),
        Cost.most(without, Cost::writer),
        Cost.most(with, Cost::writer));
  }

  /** That the check above would notice, and that it is for this that it notices it. */
  @Test
  void aCopyOfOneKeyAfterAnotherIsNotUnlessNothingChanges() throws IOException {
    try (var stack = LocalStack.start()) {
      var source = OwnVolume.create(stack, "slowly-copied");
      source.publish();
      Made<Integer> slow;
      History history;
      try (var chains = startChains(source)) {
        slow = slowCopy(source, SLOW);
        history = chains.stop();
      }
      source.unpublish();
      var atRest = slowCopy(source, AT_REST);
      var why = whyNoInstant(stack, SLOW, history, slow);
      System.out.printf(
          "  a copy of %d keys, one after another: %s%n", slow.it(), why.orElse("whole"));
      assertThat(why).isPresent();
      assertThat(whyNoInstant(stack, AT_REST, history, atRest)).isEmpty();
      source.delete();
    }
  }

  private static Chains startChains(OwnVolume source) {
    var ledgers = source.stack().home().resolve("ledgers-of-" + source.number());
    var command =
        Scripts.command("ordered", "run", folder(source.target()), ledgers, FILES_OF_A_CHAIN);
    command.addAll(KINDS);
    return Chains.start(ledgers, command);
  }

  private static Path folder(Path mount) {
    return mount.resolve("ordered");
  }

  private static Made<Integer> slowCopy(OwnVolume source, int to) {
    return Made.by(() -> SlowCopy.make(source.stack().backend().redis(), source.number(), to));
  }

  private static Optional<String> whyNoInstant(OwnVolume copy, History history, Made<?> made) {
    copy.publish();
    var why = whyNoInstant(copy.target(), history, made);
    copy.unpublish();
    return why;
  }

  private static Optional<String> whyNoInstant(
      LocalStack stack, int number, History history, Made<?> made) throws IOException {
    var bare = new BareJuicefs(stack.backend(), stack.home());
    var mounted = bare.mount(number);
    var why = whyNoInstant(bare.target(number), history, made);
    bare.unmount(number, mounted);
    return why;
  }

  private static Optional<String> whyNoInstant(Path mount, History history, Made<?> made) {
    var counts = new TreeMap<String, Integer>();
    for (String line : Scripts.run("ordered", "count", folder(mount), FILES_OF_A_CHAIN)) {
      var words = line.split(" ", 2);
      if (!words[1].matches("\\d+")) {
        return Optional.of(line);
      }
      counts.put(words[0], Integer.valueOf(words[1]));
    }
    return history.whyNoInstant(counts, made.called(), made.answered());
  }
}
