package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Programs that are killed at any moment of a copy and started again at once. The volume is written
 * to meanwhile, so that the moment may be in the pause of writes.
 */
final class SuddenEnds {
  private static final int ROUNDS = Rounds.of(1, 20); // of each program

  /** The longest pause of writes, and what the writer's own take on a busy machine, in ms. */
  private static final double LONGEST_WAIT = 800 + 2_000 * Rounds.LENIENCE;

  private final Table table =
      new Table(
          "a program is killed while a large volume that is written to is copied",
          "program",
          "call",
          "begun before ms",
          "code",
          "message",
          "some writes took ms");

  private final CopyScene scene;
  private final LargeVolume large;
  private int kills;

  /** Copies that were under way at one. */
  private int torn;

  /** What is killed. */
  private enum Program {
    REDIS("Redis"),
    OBJECT_STORE("object store"),
    CONTROLLER("controller");

    private final String words;

    Program(String words) {
      this.words = words;
    }

    /** What the call may end with. */
    Set<Code> codes() {
      return switch (this) {
        // It finds its own claim, where Redis had done a step whose answer did not come.
        case REDIS -> Set.of(Code.OK, Code.UNAVAILABLE, Code.ABORTED);
        case OBJECT_STORE, CONTROLLER -> Set.of(Code.OK, Code.UNAVAILABLE);
      };
    }

    void kill(LocalStack stack) {
      switch (this) {
        case REDIS -> stack.backend().redis().kill();
        case OBJECT_STORE -> stack.backend().minio().kill();
        case CONTROLLER -> stack.controller().program().kill();
      }
    }

    void restart(LocalStack stack) {
      switch (this) {
        case REDIS -> stack.backend().redis().restart();
        case OBJECT_STORE -> stack.backend().minio().restart();
        case CONTROLLER -> stack.controller().restart();
      }
    }

    /** As messages have it. */
    @Override
    public String toString() {
      return words;
    }
  }

  SuddenEnds(CopyScene scene, LargeVolume large) {
    this.scene = scene;
    this.large = large;
  }

  /** Each hits all copies at once, which have begun at any time within the time that they take. */
  Stream<DynamicTest> tests() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("  the moments of this run: -Dseed=" + seed);
    var random = new Random(seed);
    var times = new EnumMap<Copy, Integer>(Copy.class);
    for (var copy : Copy.values()) {
      times.put(copy, large.undisturbed(copy));
    }
    var tests = new ArrayList<DynamicTest>();
    for (var program : Program.values()) {
      for (int i = 1; i <= ROUNDS; i++) {
        var begun = new EnumMap<Copy, Integer>(Copy.class);
        times.forEach((copy, time) -> begun.put(copy, (int) (random.nextDouble() * time)));
        var name = "torn-" + tests.size();
        tests.add(dynamicTest(program + ", " + i, () -> run(program, begun, name)));
      }
    }
    tests.add(dynamicTest("copies were under way, and needed pauses", this::requireTorn));
    return tests.stream();
  }

  /**
   * One kill.
   *
   * @param begun how many milliseconds before it the copies are
   */
  private void run(Program program, Map<Copy, Integer> begun, String name)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      tear(program, begun, name, threads)
          .forEach((copy, outcome) -> {
            assertThat(outcome.code()).as("%s: %s", copy, outcome).isIn(program.codes());
            if (outcome.code() == Code.UNAVAILABLE && program != Program.CONTROLLER) {
              assertThat(outcome.message()).contains(program.toString());
            }
          });
      var again = new ArrayList<Future<?>>();
      for (var copy : begun.keySet()) {
        again.add(
            threads.submit(() -> large.checkAndDelete(CopyScene.settled(() -> make(copy, name)))));
      }
      for (var call : again) {
        var _ = call.get();
      }
    }
    large.requireRest();
  }

  /** What came of the copies. */
  private Map<Copy, Outcome<Message>> tear(
      Program program, Map<Copy, Integer> begun, String name, ExecutorService threads)
      throws InterruptedException, ExecutionException {
    try (var writer = large.write()) {
      long from = System.nanoTime();
      var calls = begin(begun, name, threads);
      Thread.sleep(Collections.max(begun.values()));
      kills++;
      torn += (int) calls.values().stream().filter(call -> !call.isDone()).count();
      program.kill(scene.stack());
      if (program == Program.CONTROLLER) { // they see that before there is another one
        var _ = outcomes(calls);
      }
      program.restart(scene.stack());
      var outcomes = outcomes(calls);
      var wait = program == Program.REDIS ? "" : waited(writer, from);
      outcomes.forEach((copy, outcome) ->
          table.add(
              program,
              copy,
              Objects.requireNonNull(begun.get(copy)),
              outcome.code(),
              first(outcome),
              wait));
      return outcomes;
    }
  }

  /** Has each of the copies begin in time. */
  private Map<Copy, Future<Outcome<Message>>> begin(
      Map<Copy, Integer> begun, String name, ExecutorService threads) {
    int first = Collections.max(begun.values());
    var calls = new EnumMap<Copy, Future<Outcome<Message>>>(Copy.class);
    begun.forEach((copy, millis) ->
        calls.put(
            copy,
            threads.submit(() -> {
              Thread.sleep(first - millis);
              return Outcome.of(() -> make(copy, name));
            })));
    return calls;
  }

  private static Map<Copy, Outcome<Message>> outcomes(Map<Copy, Future<Outcome<Message>>> calls)
      throws InterruptedException, ExecutionException {
    var outcomes = new EnumMap<Copy, Outcome<Message>>(Copy.class);
    for (var call : calls.entrySet()) {
      outcomes.put(call.getKey(), call.getValue().get());
    }
    return outcomes;
  }

  private Message make(Copy copy, String name) {
    return large.make(copy, name + "-" + copy.name());
  }

  private static String waited(Bystander writer, long from) {
    double millis = writer.longest(from, System.nanoTime());
    assertThat(millis).as("how long some writes took").isLessThan(LONGEST_WAIT);
    return "%.0f".formatted(millis);
  }

  private static String first(Outcome<Message> outcome) {
    return outcome.message().lines().findFirst().orElse("");
  }

  /** Prints what came of all; fails when the kills mostly came too late, and could hit no pause. */
  private void requireTorn() {
    table.print(System.out);
    assertThat(torn)
        .as("copies under way at one of %d kills", kills)
        .isGreaterThan(kills / Rounds.LENIENCE);
    assertThat(large.hasPausedWrites()).as("a copy needed a pause of writes").isTrue();
  }
}
