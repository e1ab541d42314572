package io.juicebox.test.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.mountservice.v1.RestartProgress;
import io.juicebox.mountservice.v1.RestartProgress.Outcome;
import io.juicebox.mountservice.v1.RestartRequest;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All juicefs processes are replaced in order, as after an upgrade: a pause and no error. */
@Tag("faults")
@DisplayName("faults: juicefs is restarted in order")
final class GracefulRestartTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int ROUNDS = Rounds.of(3, 10);
  private static final int VOLUMES = 20;
  private static final int AT_A_TIME = 8;
  private static final Duration BOUND = Duration.ofSeconds(1);

  /** Twenty loads at full pace would measure this machine's processors. */
  private static final double PACE = 0.1;

  private static final List<String> KINDS = List.of("writer", "sqlite", "locker-1", "looker");

  private static final Duration SETTLE = Duration.ofSeconds(1);

  /** What could not be done is done by the reconciliation, which looks every minute. */
  private static final Duration LATER = Duration.ofSeconds(80);

  private static final Duration POLL = Duration.ofMillis(100);

  private static LocalStack stack;
  private static final List<LoadedVolume> VOLUMES_OF_ROW = new ArrayList<>();
  private static Neighbours neighbours;

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    VOLUMES_OF_ROW.addAll(
        inParallel(
            IntStream.rangeClosed(1, VOLUMES).mapToObj(i -> "ours-" + i).toList(),
            name -> LoadedVolume.published(stack, name)));
    neighbours = Neighbours.start(stack, PACE);
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
      var _ =
          inParallel(
              VOLUMES_OF_ROW,
              volume -> {
                volume.close();
                return volume;
              });
    }
  }

  @Test
  void manyLoadedMounts() {
    var row = new Row(VOLUMES + " loaded mounts restarted in order", BOUND);
    var loads = VOLUMES_OF_ROW.stream().map(it -> it.load(it.target(), PACE, KINDS)).toList();
    try {
      loads.forEach(Load::awaitReady);
      neighbours.measureControl(); // twenty more loads slow this machine down
      long longest = 0;
      for (int round = 0; round < ROUNDS; round++) {
        long begun = System.nanoTime();
        var outcomes = restart(VOLUMES_OF_ROW);
        Wait.of(SETTLE);
        outcomes.stream()
            .filter(it -> it.getOutcome() != Outcome.RESTARTED)
            .forEach(it -> row.mistake("not restarted: " + it));
        longest =
            Math.max(
                longest, outcomes.stream().mapToLong(RestartProgress::getPauseMs).max().orElse(0));
        row.pause(
            loads.stream()
                .map(load -> load.seen().between(begun, Long.MAX_VALUE).longestPause())
                .max(Duration::compareTo)
                .orElseThrow());
      }
      row.note("nobody served for %d ms at most".formatted(longest));
      for (var seen : inParallel(loads, Load::stop)) {
        row.errors(seen);
        Contract.nothing(seen).forEach(row::mistake);
      }
    } finally {
      loads.forEach(Load::close);
    }
    neighbours.tell(row);
    row.finish(TABLE);
  }

  /**
   * JuiceFS does not leave while a program waits in a blocking flock; that is told, and done later.
   */
  @Test
  void oneWaitsForALock() throws IOException {
    var volume = VOLUMES_OF_ROW.getFirst();
    var others = VOLUMES_OF_ROW.subList(1, 3);
    var row = new Row("the same, a program waits in flock", BOUND);
    long juicefs = volume.juicefs();
    try (var load = volume.load(KINDS)) {
      load.awaitReady();
      long begun = System.nanoTime();
      var waiter = waiter(volume.target().resolve("waited-for"));
      try {
        assertThat(waiter.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("held");
        var outcomes = restart(VOLUMES_OF_ROW.subList(0, 3));
        assertThat(outcomes).extracting(RestartProgress::getVolumeId).hasSize(3);
        for (var outcome : outcomes) {
          boolean waits = outcome.getVolumeId().equals(volume.id());
          if (outcome.getOutcome() != (waits ? Outcome.BUSY : Outcome.RESTARTED)) {
            row.mistake("%s: %s".formatted(waits ? "waited for" : "of others", outcome));
          }
          if (waits) {
            row.note("reported: " + outcome.getCause());
          }
        }
        if (volume.juicefs() != juicefs) {
          row.mistake("it was restarted while a program waited");
        }
      } finally {
        waiter.descendants().forEach(ProcessHandle::destroyForcibly);
        waiter.destroyForcibly();
      }
      long free = System.nanoTime();
      if (!Waiting.until(() -> volume.juicefs() != juicefs, LATER, POLL)) {
        row.mistake("it was not restarted within " + LATER + " after the waiter had gone");
      }
      row.note("done %d s later".formatted((System.nanoTime() - free) / 1_000_000_000));
      Wait.of(SETTLE);
      row.pause(load.seen().between(begun, Long.MAX_VALUE).longestPause());
      var seen = load.stop();
      row.errors(seen);
      Contract.nothing(seen).forEach(row::mistake);
    }
    assertThat(others).allSatisfy(it -> assertThat(it.juicefs()).isPositive());
    neighbours.tell(row);
    row.finish(TABLE);
  }

  private static <A, B> List<B> inParallel(List<A> things, Function<A, B> work) {
    try (var workers = Executors.newFixedThreadPool(AT_A_TIME)) {
      var all =
          things.stream()
              .map(thing -> CompletableFuture.supplyAsync(() -> work.apply(thing), workers))
              .toList();
      return all.stream().map(CompletableFuture::join).toList();
    }
  }

  private static List<RestartProgress> restart(List<LoadedVolume> volumes) {
    var request =
        RestartRequest.newBuilder()
            .addAllVolumeIds(volumes.stream().map(LoadedVolume::id).toList())
            .setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(30))
            .build();
    var outcomes = new ArrayList<RestartProgress>();
    try (var service = MountServiceClient.of(stack.mountService().socket())) {
      service.calls().restart(request).forEachRemaining(outcomes::add);
    }
    return outcomes;
  }

  /** A process that holds a flock, and a child of it that waits for it. */
  private static Process waiter(Path file) throws IOException {
    var script =
        """
        import fcntl, os, signal, sys, time
        held = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fork() == 0:
            fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX)
        else:
            time.sleep(0.5)
            print("held", flush=True)
            signal.pause()
        """;
    return new ProcessBuilder(Tools.python().toString(), "-c", script, file.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
