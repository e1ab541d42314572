package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.juicebox.test.client.Requests;
import io.juicebox.test.fork.Member.Kept;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A tree of copies of copies, all written to, whose members and snapshots go in any order while the
 * controller is killed: what is left keeps every byte, and of what is gone nothing stays.
 */
@Tag("fork")
@DisplayName("fork: a tree of copies")
@Timeout(7200) // an annotation knows no rounds; WHOLE does
final class LineageTreeTest {
  private static final int MEMBERS = Rounds.of(8, 50);
  private static final int LEVELS = Rounds.of(4, 5);

  /** How many members and snapshots go between two looks at the others, and of the last third. */
  private static final int AT_A_TIME = Rounds.of(3, 5);

  private static final int LAST_AT_A_TIME = Rounds.of(3, 1);

  private static final int THREADS = 4;
  private static final int LONGEST_BEFORE_KILL = 2_000;

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final Duration COLLECTED = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration WHOLE = Duration.ofSeconds(Rounds.of(900, 7200));

  private static final Table TABLE =
      new Table(
          "a tree of copies: %d members in %d levels".formatted(MEMBERS, LEVELS),
          "gone",
          "members left",
          "snapshots left",
          "slices left",
          "s until the rest was collected");

  private static LocalStack stack;
  private static Inventory before;
  private static Contents contents;

  private final Random random = seeded();
  private final List<Member> members = new ArrayList<>();
  private final List<Kept> snapshots = new ArrayList<>();

  /** How many of both there were. */
  private int most;

  private int restores;

  @BeforeAll
  static void start() {
    stack =
        LocalStack.builder()
            .controller("COLLECT_INTERVAL", "1s")
            .controller("SWEEP_BLOCKS_INTERVAL", "2s")
            .controller("BLOCK_MIN_AGE", "3s")
            .start();
    before = stack.inventory();
    contents = new Contents(stack);
  }

  @AfterAll
  static void stop() {
    TABLE.print(System.out);
    contents.close();
    stack.close();
  }

  private static Random seeded() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("  the order of this run: -Dseed=" + seed);
    return new Random(seed);
  }

  @Test
  void losesNothingOfTheOthersAndLeavesNothing() {
    assertTimeoutPreemptively(WHOLE, this::growAndFell);
  }

  private void growAndFell() throws InterruptedException, ExecutionException {
    grow();
    var lineage = members.getFirst().volume().lineage();
    awaitCollected(lineage, 0);
    while (!members.isEmpty() || !snapshots.isEmpty()) {
      var gone = fell();
      awaitCollected(lineage, gone);
      visitAll();
      restoreOne();
    }
    assertThat(stack.leftSince(before, COLLECTED)).as("what is left of all").isEmpty();
  }

  /** A chain first, and whatever comes after it somewhere below its last level. */
  private void grow() throws InterruptedException, ExecutionException {
    members.add(Member.first(contents, stack, "m0"));
    for (int i = 1; i < MEMBERS; i++) {
      var parent = i < LEVELS ? members.getLast() : anyParent();
      var name = "m" + i;
      if (random.nextBoolean()) {
        members.add(parent.fork(name));
      } else {
        var kept = parent.snapshot("s" + i);
        snapshots.add(kept);
        members.add(Member.restored(contents, stack, name, kept));
      }
      members.getLast().visit(random);
    }
    assertThat(members.stream().map(Member::level)).contains(LEVELS);
    assertThat(members.stream().map(it -> it.volume().lineage()).distinct()).hasSize(1);
    most = members.size() + snapshots.size();
    visitAll();
    restoreOne();
  }

  private Member anyParent() {
    var possible = members.stream().filter(member -> member.level() < LEVELS).toList();
    return possible.get(random.nextInt(possible.size()));
  }

  /** Deletes some of all, as a CO does, while the controller is killed; how many. */
  private int fell() throws InterruptedException, ExecutionException {
    var doomed = new ArrayList<Runnable>();
    members.forEach(member -> doomed.add(() -> fell(member)));
    snapshots.forEach(kept -> doomed.add(() -> fell(kept)));
    Collections.shuffle(doomed, random);
    int atATime = doomed.size() > most / 3 ? AT_A_TIME : LAST_AT_A_TIME;
    var first = doomed.subList(0, Math.min(atATime, doomed.size()));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var deletions = first.stream().map(threads::submit).toList();
      killAfter(random.nextInt(LONGEST_BEFORE_KILL));
      for (var deletion : deletions) {
        var _ = deletion.get();
      }
    }
    return first.size();
  }

  private void fell(Member member) {
    var _ = Outcome.ofRepeated(CALL, () -> deleted(member)).get();
    synchronized (members) {
      members.remove(member);
    }
  }

  private static Member deleted(Member member) {
    member.volume().delete();
    return member;
  }

  private void fell(Kept kept) {
    var delete = Requests.delete(kept.snapshot());
    var _ =
        Outcome.ofRepeated(
                CALL, () -> stack.controller().client().controller().deleteSnapshot(delete))
            .get();
    synchronized (snapshots) {
      snapshots.remove(kept);
    }
  }

  private static void killAfter(int millis) throws InterruptedException {
    Thread.sleep(millis);
    stack.controller().kill();
    stack.controller().restart();
  }

  /** Waits until the lineage has just the blocks that its members and snapshots name. */
  private void awaitCollected(String lineage, int gone) throws InterruptedException {
    long began = System.nanoTime();
    killAfter(random.nextInt(LONGEST_BEFORE_KILL));
    var _ = Waiting.until(() -> contents.stored(lineage).equals(named()), COLLECTED, POLL);
    var named = named();
    var stored = contents.stored(lineage);
    assertThat(stored)
        .as(
            "slices with blocks, when %d members and %d snapshots are left",
            members.size(), snapshots.size())
        .containsExactlyInAnyOrderElementsOf(named);
    TABLE.add(
        gone,
        members.size(),
        snapshots.size(),
        named.size(),
        "%.0f".formatted((System.nanoTime() - began) / 1e9));
  }

  /** The slices that a member or a snapshot names. */
  private Set<Long> named() {
    var all = new TreeSet<Long>();
    members.forEach(member -> all.addAll(member.named()));
    snapshots.forEach(kept -> all.addAll(kept.named()));
    return all;
  }

  /** Reads all of each member and writes to it; several at once, each on a mount of its own. */
  private void visitAll() throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      var visits = new ArrayList<Future<?>>();
      for (var member : members) {
        var own = new Random(random.nextLong());
        visits.add(threads.submit(() -> member.visit(own)));
      }
      for (var visit : visits) {
        var _ = visit.get();
      }
    }
  }

  /** Reads all of a volume that is made of any snapshot, and deletes the volume again. */
  private void restoreOne() {
    if (snapshots.isEmpty()) {
      return;
    }
    var kept = snapshots.get(random.nextInt(snapshots.size()));
    var restored = Member.restored(contents, stack, "r" + restores++, kept);
    restored.check();
    fell(restored);
  }
}
