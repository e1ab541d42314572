package io.juicebox.test.faults;

import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * juicefs is killed: the outage beside that of the bare recipe, run alternately, and what programs
 * see of it.
 */
@Tag("faults")
@DisplayName("faults: juicefs is killed")
final class KillJuicefsTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int ROUNDS = Rounds.of(3, 10);
  private static final Duration BOUND = Duration.ofMillis(500);
  private static final double OF_BARE = 1.5;
  private static final Duration LOCKS_FREE = Duration.ofSeconds(Row.LENIENCE);
  private static final Duration POLL = Duration.ofMillis(100);

  /** For what follows an outage: errors of descriptors that were lost, locks, all works again. */
  private static final Duration SETTLE = Duration.ofMillis(2500);

  private static LocalStack stack;
  private static Neighbours neighbours;
  private static LoadedVolume ours;
  private static LoadedVolume bares;
  private static BareRecipe bare;

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    ours = LoadedVolume.published(stack, "ours");
    bares = LoadedVolume.create(stack, "bare");
    bare = BareRecipe.mount(stack, bares);
    neighbours = Neighbours.start(stack);
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
      bare.close();
      ours.close();
    }
  }

  @Test
  void idle() {
    run("juicefs killed, idle", Load.IDLE);
  }

  @Test
  void loaded() {
    run("juicefs killed, loaded", Load.ALL);
  }

  private static void run(String event, List<String> kinds) {
    var row = new Row(event, BOUND);
    var yardstick = new Row(event + ": the bare recipe", Duration.ofMinutes(1));
    try (var load = ours.load(kinds);
        var other = bares.load(bare.target(), 1, kinds)) {
      load.awaitReady();
      other.awaitReady();
      var outages = new ArrayList<Outage>();
      for (int round = 0; round < ROUNDS; round++) {
        outages.add(round(row, load, ours.juicefs(), kinds));
        yardstick.pause(Outage.kill(bare.juicefs(), other).took());
        Wait.of(SETTLE);
      }
      if (kinds.contains("sqlite")) {
        row.note(
            "SQLite opened again after %d ms"
                .formatted(Contract.awaitSqlite(load, outages.getLast().killed()).toMillis()));
      }
      var seen = load.stop();
      row.errors(seen);
      Contract.juicefsKilled(seen, outages).forEach(row::mistake);
      row.note(seen.acknowledged() + " acknowledged");
      yardstick.errors(other.stop());
    }
    row.note("%.2f x of bare".formatted(row.times(yardstick, OF_BARE)));
    neighbours.tell(row);
    yardstick.finish(TABLE);
    row.finish(TABLE);
  }

  private static Outage round(Row row, Load load, long juicefs, List<String> kinds) {
    var outage = Outage.kill(juicefs, load);
    row.pause(outage.took());
    Wait.of(SETTLE);
    if (kinds.contains("locker-1")) {
      var _ =
          Waiting.until(
              () -> Contract.locksFree(load.seen(), outage.served(), LOCKS_FREE).isEmpty(),
              LOCKS_FREE,
              POLL);
      Contract.locksFree(load.seen(), outage.served(), LOCKS_FREE).forEach(row::mistake);
    }
    return outage;
  }
}
