package io.juicebox.test.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.mountservice.v1.Health;
import io.juicebox.test.server.ProcessMark;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A juicefs that runs and answers nothing, as if it were in an endless loop: SIGSTOP. */
@Tag("faults")
@DisplayName("faults: juicefs hangs")
final class HungJuicefsTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int ROUNDS = Rounds.of(3, 10);
  private static final Duration HEALTH = Duration.ofSeconds(5);
  private static final Duration FOUND = Duration.ofSeconds(15);
  private static final Duration UNPUBLISH = Duration.ofSeconds(60);

  /** Of the stack's nodes; the setting's own default is minutes. */
  private static final Duration HUNG_AFTER = Duration.ofSeconds(Rounds.of(10, 30));

  /** For the watch to look, and for the successor of what it kills. */
  private static final Duration REPLACED = HUNG_AFTER.plusSeconds(20);

  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration ENDS = Duration.ofSeconds(10);

  /** For errors of descriptors that were lost to be found out. */
  private static final Duration SETTLE = Duration.ofMillis(2500);

  private static LocalStack stack;
  private static Neighbours neighbours;
  private static Rpcs control;

  @BeforeAll
  static void start() {
    stack =
        LocalStack.builder()
            .mountService()
            .node("HUNG_AFTER", HUNG_AFTER.toSeconds() + "s")
            .start();
    neighbours = Neighbours.start(stack);
    control = new Rpcs(stack, "control");
    for (int i = 0; i < 2 * ROUNDS; i++) {
      control.make();
    }
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
    }
  }

  @Test
  void itIsUnpublished() {
    var row = new Row("juicefs hangs and is unpublished", UNPUBLISH);
    for (int round = 0; round < ROUNDS; round++) {
      unpublishHung(row, LoadedVolume.published(stack, "hung-" + round));
    }
    neighbours.tell(row);
    row.finish(TABLE);
  }

  @Test
  void itIsReplaced() {
    var row = new Row("juicefs hangs for %d s".formatted(HUNG_AFTER.toSeconds()), REPLACED);
    try (var volume = LoadedVolume.published(stack, "replaced");
        var load = volume.load(Load.ALL)) {
      load.awaitReady();
      var outages = new ArrayList<Outage>();
      for (int round = 0; round < ROUNDS; round++) {
        replace(row, volume, load).ifPresent(outages::add);
      }
      var seen = load.stop();
      row.errors(seen);
      Contract.juicefsKilled(seen, outages).forEach(row::mistake);
      row.note(seen.acknowledged() + " acknowledged");
    }
    neighbours.tell(row);
    row.finish(TABLE);
  }

  /** Nothing waits in it that could tell. */
  @Test
  void anIdleOneIsFound() {
    var row = new Row("juicefs hangs, nobody uses the volume", FOUND);
    for (int round = 0; round < ROUNDS; round++) {
      try (var volume = LoadedVolume.published(stack, "idle-" + round)) {
        Wait.of(SETTLE);
        long juicefs = volume.juicefs();
        long start = System.nanoTime();
        Signals.stop(juicefs);
        try {
          if (!Waiting.until(() -> isHung(volume), FOUND, POLL)) {
            row.mistake("nobody has found out within " + FOUND);
          }
          row.pause(Duration.ofNanos(System.nanoTime() - start));
        } finally {
          resume(juicefs);
        }
      }
    }
    row.note("the time is that until the mount service tells it");
    neighbours.tell(row);
    row.finish(TABLE);
  }

  private static boolean isHung(LoadedVolume volume) {
    return volume.mount().getHealth().getState() == Health.State.HUNG;
  }

  /**
   * The CO ends the application, whose processes can't end while juicefs hangs, and unpublishes.
   */
  private static void unpublishHung(Row row, LoadedVolume volume) {
    long juicefs = volume.juicefs();
    try (var load = volume.load(Load.ALL)) {
      load.awaitReady();
      var users = load.pids().stream().map(pid -> ProcessMark.of(pid).orElseThrow()).toList();
      Signals.stop(juicefs);
      checkCalls(row, volume);
      load.kill();
      long start = System.nanoTime();
      new Persistence(UNPUBLISH).run("NodeUnpublishVolume", volume::unpublish);
      row.pause(Duration.ofNanos(System.nanoTime() - start));
      if (!Waiting.until(() -> users.stream().noneMatch(ProcessMark::isAlive), ENDS, POLL)) {
        row.mistake(stuck(users));
      }
      if (ProcessMark.of(juicefs).isPresent()) {
        row.mistake("the process that hung lives");
      }
    } finally {
      resume(juicefs);
    }
    // Its session is released while the answer is under way, and not left to its expiry.
    new Persistence(ENDS).run("DeleteVolume", volume::delete);
  }

  /** What a node is asked while one of its volumes hangs. */
  private static void checkCalls(Row row, LoadedVolume hung) {
    var during = new Rpcs(stack, "during");
    var others = CompletableFuture.runAsync(during::make);
    long start = System.nanoTime();
    var health =
        stack
            .node()
            .client()
            .node()
            .nodeGetVolumeHealth(
                NodeGetVolumeHealthRequest.newBuilder().setVolumeId(hung.id()).build());
    var took = Duration.ofNanos(System.nanoTime() - start);
    if (took.compareTo(HEALTH) > 0) {
      row.mistake("its health was answered after %d ms".formatted(took.toMillis()));
    }
    assertThat(health.toString()).as("health of a volume that hangs").contains("NotAnswering");
    row.note("health after %d ms".formatted(took.toMillis()));
    others.join();
    during.longerThan(control, Neighbours.TOLERANCE).forEach(row::mistake);
  }

  private static Optional<Outage> replace(Row row, LoadedVolume volume, Load load) {
    long juicefs = volume.juicefs();
    long start = System.nanoTime();
    Signals.stop(juicefs);
    long gone = System.nanoTime();
    try {
      var mark = ProcessMark.of(juicefs).orElseThrow();
      if (!Waiting.until(() -> !mark.isAlive(), REPLACED, POLL)) {
        row.mistake("it was not replaced within " + REPLACED);
        return Optional.empty();
      }
      var outage = new Outage(start, Outage.awaitServed(load, gone));
      row.pause(outage.took());
      Wait.of(SETTLE);
      return Optional.of(outage);
    } finally {
      resume(juicefs);
    }
  }

  private static String stuck(List<ProcessMark> users) {
    return "processes of the application live: "
        + users.stream()
            .filter(ProcessMark::isAlive)
            .map(user ->
                "%d (%d threads in D)".formatted(user.pid(), Processor.uninterruptible(user.pid())))
            .toList();
  }

  /** For when the test fails: what is stopped can't be removed. */
  private static void resume(long pid) {
    if (ProcessMark.of(pid).isPresent()) {
      Signals.resume(pid);
    }
  }
}
