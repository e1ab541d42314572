package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.outages.Call.Needs;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Takes a server away, makes every call, brings the server back, and makes every call again: the
 * codes of the design's section Errors, naming the server, and no restart of anything of ours.
 */
@Tag("outages")
@DisplayName("outages: a server is away")
final class OutageTest {
  /** For all that is ours to notice that a server is back. */
  private static final Duration RECOVERY = Duration.ofSeconds(20L * Rounds.LENIENCE);

  private static final Duration WRITE = Duration.ofSeconds(60);
  private static final Duration CLEAN = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static LocalStack stack;

  private final List<String> mistakes = new ArrayList<>();

  @BeforeAll
  static void start() {
    stack =
        LocalStack.builder()
            .controller("POOL_SIZE", "100Gi")
            .controller("SWEEP_INTERVAL", "2s")
            .start();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  /** How the calls of an outage are made. */
  private enum Order {
    AT_ONCE,
    /** The server was restarted: a kept connection that broke may cost a first attempt. */
    AT_ONCE_AND_AGAIN,
    IN_TURN
  }

  @Test
  void redisStopped() {
    run("Redis stopped", redisSilent(), _ -> Outage.redisStopped(stack.backend()));
  }

  @Test
  void redisHanging() {
    run("Redis hanging", redisSilent(), _ -> Outage.hanging(stack.backend().redis().pid()));
  }

  @Test
  void objectStoreStopped() {
    run(
        "object store stopped",
        objectStoreAway("UNAVAILABLE"),
        _ -> Outage.objectStoreStopped(stack.backend()));
  }

  @Test
  void objectStoreHanging() {
    run(
        "object store hanging",
        objectStoreAway("UNAVAILABLE"),
        _ -> Outage.hanging(stack.backend().minio().pid()));
  }

  @Test
  void bucketMissing() {
    var wanted = healthy();
    var named = "bucket " + stack.backend().bucket();
    wanted.put(Call.CONTROLLER_READYZ, Expected.code("503", named));
    wanted.put(Call.CONTROLLER_HEALTH, Expected.code("OK", "BucketMissing"));
    wanted.put(Call.LIST_HEALTH, Expected.code("OK", "BucketMissing"));
    wanted.put(Call.PUBLISH_FIRST, Expected.code("FAILED_PRECONDITION", named));
    wanted.put(Call.PUBLISH_AGAIN, Expected.code("FAILED_PRECONDITION", named));
    run(
        "bucket missing",
        wanted,
        Order.IN_TURN,
        scene -> Outage.bucketMissing(stack, scene.doomedLineage()));
  }

  @Test
  void otherRedisPassword() {
    run(
        "other Redis password",
        withKeysOfItsOwn(redisAway("UNAUTHENTICATED")),
        _ -> Outage.otherPassword(stack.backend()));
  }

  @Test
  void otherObjectKeys() {
    run(
        "other object keys",
        withKeysOfItsOwn(objectStoreAway("UNAUTHENTICATED")),
        Order.AT_ONCE_AND_AGAIN,
        _ -> Outage.otherSecretKey(stack.backend()));
  }

  @Test
  void redisMemoryFull() {
    var wanted = healthy();
    wanted.put(Call.CREATE, Expected.code("RESOURCE_EXHAUSTED", redis()));
    wanted.put(Call.EXPAND, Expected.code("RESOURCE_EXHAUSTED", redis()));
    wanted.put(Call.PUBLISH_FIRST, Expected.code("RESOURCE_EXHAUSTED", redis()));
    run("Redis memory full", wanted, _ -> Outage.memoryFull(stack.backend()));
  }

  private static Map<Call, Expected> healthy() {
    var wanted = new EnumMap<Call, Expected>(Call.class);
    for (Call call : Call.values()) {
      wanted.put(call, Expected.healthy(call));
    }
    return wanted;
  }

  /** The administrator's keys have changed, which a volume and its nodes don't know. */
  private static Map<Call, Expected> withKeysOfItsOwn(Map<Call, Expected> administrators) {
    for (Call call : List.of(Call.PUBLISH_FIRST, Call.PUBLISH_AGAIN)) {
      administrators.put(call, Expected.healthy(call));
    }
    return administrators;
  }

  private static Map<Call, Expected> redisAway(String code) {
    var wanted = healthy();
    wanted.replaceAll(
        (call, known) -> call.needs() == Needs.NOTHING ? known : Expected.code(code, redis()));
    wanted.put(Call.CONTROLLER_READYZ, Expected.code("503", redis()));
    return wanted;
  }

  private static Map<Call, Expected> redisSilent() {
    var wanted = redisAway("UNAVAILABLE");
    // It is unpublished, but juicefs can't close its session: that goes on after the call.
    wanted.put(Call.UNPUBLISH, Expected.code("UNAVAILABLE", "Redis"));
    return wanted;
  }

  private static Map<Call, Expected> objectStoreAway(String code) {
    var wanted = healthy();
    var server = "object store at " + stack.backend().minio().endpoint().substring(7);
    wanted.replaceAll(
        (call, known) -> call.needs() == Needs.EVERYTHING ? Expected.code(code, server) : known);
    wanted.put(Call.CONTROLLER_READYZ, Expected.code("503", server));
    wanted.put(Call.CONTROLLER_HEALTH, Expected.code("OK", server));
    wanted.put(Call.LIST_HEALTH, Expected.code("OK", server));
    return wanted;
  }

  private static String redis() {
    return "Redis at 127.0.0.1:" + stack.backend().redis().port();
  }

  private void run(String name, Map<Call, Expected> wanted, Function<Scene, Outage> begin) {
    run(name, wanted, Order.AT_ONCE, begin);
  }

  private void run(
      String name, Map<Call, Expected> wanted, Order order, Function<Scene, Outage> begin) {
    var before = stack.inventory();
    long controller = stack.controller().pid();
    long node = stack.node().pid();
    var table = new Table(name, "state", "call", "expected", "got", "ms", "");
    var scene = Scene.set(stack, name.toLowerCase(Locale.ROOT).replace(' ', '-'));
    try {
      try (var writer = duringOutage(scene, wanted, order, begin, table)) {
        afterOutage(scene, writer, table);
      }
      scene.checkProcesses(controller, node);
      scene.clear();
      assertThat(stack.leftSince(before, CLEAN)).as("left after " + name).isEmpty();
    } finally {
      table.print(System.out);
    }
    assertThat(mistakes).isEmpty();
  }

  private Program duringOutage(
      Scene scene,
      Map<Call, Expected> wanted,
      Order order,
      Function<Scene, Outage> begin,
      Table table) {
    try (var _ = begin.apply(scene)) {
      var writer = scene.startWriting("meanwhile");
      var calls = List.of(Call.values());
      var answers =
          switch (order) {
            case AT_ONCE -> Scene.inParallel(calls, scene::make);
            case AT_ONCE_AND_AGAIN -> Scene.inParallel(calls, call -> makeAgain(scene, call));
            case IN_TURN -> calls.stream().map(scene::make).toList();
          };
      for (int i = 0; i < calls.size(); i++) {
        note(
            table,
            "away",
            calls.get(i),
            Objects.requireNonNull(wanted.get(calls.get(i))),
            answers.get(i));
      }
      return writer;
    }
  }

  private void afterOutage(Scene scene, Program writer, Table table) {
    var calls = List.of(Call.values());
    var answers = Scene.inParallel(calls, call -> repeat(scene, call));
    for (int i = 0; i < calls.size(); i++) {
      note(
          table,
          "back",
          calls.get(i),
          Expected.healthy(calls.get(i)).within(RECOVERY),
          answers.get(i));
    }
    long start = System.nanoTime();
    int exit = writer.await(WRITE);
    if (exit == 0) {
      scene.checkWhole("meanwhile");
    }
    row(
        table,
        "away",
        "write and fsync, begun then",
        "done or EIO",
        exit == 0 ? "done" : "failed",
        since(start));
    long writing = System.nanoTime();
    scene.checkAcknowledged();
    scene.write("afterwards");
    scene.checkWhole("afterwards");
    row(table, "back", "read what was there, write, fsync", "done", "done", since(writing));
  }

  private static Answer makeAgain(Scene scene, Call call) {
    var first = scene.make(call);
    return first.code().equals("UNAVAILABLE") ? scene.make(call) : first;
  }

  /** As a CO does: again until it is as in a healthy system. The time is that of all attempts. */
  private static Answer repeat(Scene scene, Call call) {
    long start = System.nanoTime();
    while (true) {
      var answer = scene.make(call).after(since(start));
      if (Expected.healthy(call).within(RECOVERY).matches(answer)
          || since(start).compareTo(RECOVERY) > 0) {
        return answer;
      }
      pause();
    }
  }

  private void note(Table table, String state, Call call, Expected wanted, Answer got) {
    boolean good = wanted.matches(got);
    if (!good) {
      mistakes.add("%s, %s: %s, not %s".formatted(call.title(), state, got, wanted));
    }
    table.add(
        state,
        call.title(),
        wanted.title(),
        got.code(),
        got.took().toMillis(),
        good ? "ok" : "WRONG");
  }

  private static void row(
      Table table, String state, String what, String wanted, String got, Duration took) {
    table.add(state, what, wanted, got, took.toMillis(), "ok");
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
