package io.juicebox.test.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.Volume;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.OpenDescriptors;
import io.juicebox.test.stack.Rounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Volumes come and go, eight at a time, and every now and then something is killed: at the end all
 * that the stack has is what it had at the beginning.
 */
@Tag("faults")
@DisplayName("faults: volumes come and go while something is killed")
final class CyclesTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int CYCLES = Rounds.of(200, 2000);
  private static final int AT_ONCE = 8;
  private static final int BETWEEN_KILLS = 20;
  private static final Duration CALL = Duration.ofSeconds(90);
  private static final Duration CLEAN = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(500);

  /** Its own process removes what a released session left, once a minute. */
  private static final Duration EXPIRED = Duration.ofSeconds(90);

  /** Descriptors that come and go with a program's own work; a leak in each cycle is more. */
  private static final int TOLERATED = 4;

  private static LocalStack stack;
  private static Persistence calls;
  private static Life life;

  private final Random choice = new Random(8);
  private final List<Victim> bag = new ArrayList<>();
  private final Map<String, Integer> killed = new TreeMap<>();
  private final AtomicInteger done = new AtomicInteger();

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    calls = new Persistence(CALL);
    life = new Life(stack, calls, stack.home().resolve("original"));
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  @Timeout(3600)
  void leaveNothing() {
    makeOriginal();
    var stays = life.create("stays");
    life.publish(stays, stack.target("stays"));
    run(AT_ONCE, "warm-up", () -> {});
    var before = stack.inventory();
    var open = open();

    long start = System.nanoTime();
    run(CYCLES, "cycle", this::killSometimes);
    var took = Duration.ofNanos(System.nanoTime() - start);

    var row = new Row(CYCLES + " volumes, " + AT_ONCE + " at a time", CALL);
    row.pause(calls.longest());
    row.note("%d s; killed %s; answers %s".formatted(took.toSeconds(), killed, calls.codes()));
    row.note("applications saw " + life.errors());
    calls.unexpected().forEach(row::mistake);
    checkLeft(row, before, open, stays);
    life.unpublish(stays, stack.target("stays"));
    life.delete(stays);
    row.finish(TABLE);
  }

  private static void checkLeft(
      Row row, Inventory before, Map<String, OpenDescriptors> open, Volume stays) {
    var left = stack.leftSince(before, CLEAN);
    if (!left.isEmpty()) {
      row.mistake(left.size() + " things came or went:\n" + Inventory.brief(left));
    }
    if (!Waiting.until(() -> grownSince(open).isEmpty(), CLEAN, POLL)) {
      row.mistake("more is open than before: " + grownSince(open));
    }
    if (!Waiting.until(() -> sessions(stays).equals("1"), EXPIRED, POLL)) {
      row.mistake("the volume that stayed has %s sessions".formatted(sessions(stays)));
    }
  }

  /** Of each program, once the connections that it keeps for a moment have gone. */
  private static Map<String, Map<String, Integer>> grownSince(Map<String, OpenDescriptors> before) {
    var all = new TreeMap<String, Map<String, Integer>>();
    open()
        .forEach((program, now) ->
            all.put(program, now.grownSince(before.getOrDefault(program, now), TOLERATED)));
    all.values().removeIf(Map::isEmpty);
    return all;
  }

  /** Runs a number of lives, some of them at once, and something after each. */
  private void run(int count, String name, Runnable afterEach) {
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      var all =
          IntStream.range(0, count)
              .mapToObj(i ->
                  CompletableFuture.runAsync(
                      () -> {
                        life.live(name + "-" + i);
                        afterEach.run();
                      },
                      threads))
              .toList();
      all.forEach(CyclesTest::await);
    }
  }

  private static void await(CompletableFuture<?> one) {
    try {
      var _ = one.join();
    } catch (CompletionException e) {
      throw new AssertionError("a volume's life ended before its time", e.getCause());
    }
  }

  /** The last lives go by without, so that what they leave is not hidden by a kill. */
  private void killSometimes() {
    int count = done.incrementAndGet();
    if (count % BETWEEN_KILLS == 0 && count < CYCLES) {
      killOne();
    }
  }

  /** Each victim's turn comes as often, in an order that is the same in each run. */
  private synchronized void killOne() {
    if (bag.isEmpty()) {
      bag.addAll(List.of(Victim.values()));
      Collections.shuffle(bag, choice);
    }
    var victim = bag.removeFirst();
    victim.kill(stack, choice);
    killed.merge(victim.title(), 1, Integer::sum);
  }

  private static Map<String, OpenDescriptors> open() {
    var all = new LinkedHashMap<String, OpenDescriptors>();
    for (DriverProcess program : List.of(stack.controller(), stack.node(), stack.mountService())) {
      all.put(program.name(), OpenDescriptors.of(program.pid()));
    }
    return all;
  }

  /** How many sessions JuiceFS has of a volume: one for its process. */
  private static String sessions(Volume volume) {
    int number = Integer.parseInt(volume.getVolumeContextOrThrow("number"));
    return stack.backend().redis().cli(number, "ZCARD", "allSessions").strip();
  }

  private static void makeOriginal() {
    var file = stack.home().resolve("original").toString();
    var _ =
        Command.run(
            Duration.ofSeconds(10),
            List.of("dd", "if=/dev/urandom", "of=" + file, "bs=64k", "count=4"));
    assertThat(Path.of(file)).hasSize(4 << 16);
  }
}
