package io.juicebox.test.faults;

import io.juicebox.test.server.Signals;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The plugin and the mount service are killed, alone, together and with a juicefs. */
@Tag("faults")
@DisplayName("faults: the plugin and the mount service are killed")
final class KillServiceTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int ROUNDS = Rounds.of(3, 10);

  /** A service that starts again needs a second or two for itself. */
  private static final Duration WITH_SERVICE = Duration.ofSeconds(10);

  /** It gives them back while juicefs starts, over its first connection to Redis. */
  private static final Duration LOCKS_FREE = Duration.ofSeconds(3L * Row.LENIENCE);

  private static final Duration SETTLE = Duration.ofMillis(2500);

  private static LocalStack stack;
  private static Neighbours neighbours;
  private static LoadedVolume ours;

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    ours = LoadedVolume.published(stack, "ours");
    neighbours = Neighbours.start(stack);
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
      ours.close();
    }
  }

  @Test
  void plugin() {
    unnoticed("plugin killed", KillServiceTest::killPlugin, KillServiceTest::startPlugin);
  }

  @Test
  void service() {
    unnoticed("mount service killed", KillServiceTest::killService, KillServiceTest::startService);
  }

  @Test
  void pluginAndService() {
    unnoticed(
        "plugin and mount service killed",
        () -> {
          killPlugin();
          killService();
        },
        () -> {
          startService();
          startPlugin();
        });
  }

  @Test
  void serviceAndJuicefs() {
    var row = new Row("mount service and juicefs killed", WITH_SERVICE);
    try (var load = ours.load(Load.ALL)) {
      load.awaitReady();
      var outages = new ArrayList<Outage>();
      for (int round = 0; round < ROUNDS; round++) {
        long juicefs = ours.juicefs();
        long killed = System.nanoTime();
        killService();
        Signals.kill(juicefs);
        long gone = System.nanoTime();
        startService();
        var outage = new Outage(killed, Outage.awaitServed(load, gone));
        outages.add(outage);
        row.pause(outage.took());
        Wait.of(LOCKS_FREE.plus(SETTLE));
        Contract.locksFree(load.seen(), outage.served(), LOCKS_FREE).forEach(row::mistake);
      }
      row.note(
          "SQLite opened again after %d ms"
              .formatted(Contract.awaitSqlite(load, outages.getLast().killed()).toMillis()));
      end(row, load, seen -> Contract.juicefsKilled(seen, outages));
    }
    row.finish(TABLE);
  }

  @Test
  void pluginServiceAndJuicefs() {
    var row = new Row("plugin, mount service and juicefs killed", WITH_SERVICE);
    try (var load = ours.load(Load.ALL)) {
      load.awaitReady();
      var outages = new ArrayList<Outage>();
      for (int round = 0; round < ROUNDS; round++) {
        long juicefs = ours.juicefs();
        long killed = System.nanoTime();
        killService();
        killPlugin();
        Signals.kill(juicefs);
        startService();
        startPlugin();
        long publishing = System.nanoTime();
        ours.publish();
        long published = System.nanoTime();
        row.pause(Duration.ofNanos(published - publishing));
        Wait.of(SETTLE);
        outages.add(new Outage(killed, published));
        if (!load.seen().between(killed, Long.MAX_VALUE).errors().contains("ENOTCONN")) {
          row.mistake("nobody saw ENOTCONN: somebody has kept the descriptor");
        }
      }
      row.note("the time is that of the new publish");
      end(row, load, seen -> Contract.allKilled(seen, outages));
    }
    row.finish(TABLE);
  }

  private static void unnoticed(String event, Runnable kill, Runnable start) {
    var row = new Row(event, neighbours.control().plus(Neighbours.TOLERANCE));
    long juicefs = ours.juicefs();
    try (var load = ours.load(Load.ALL)) {
      load.awaitReady();
      for (int round = 0; round < ROUNDS; round++) {
        long killed = System.nanoTime();
        kill.run();
        start.run();
        ours.publish(); // a CO may ask at once; there is nothing to do
        Wait.of(SETTLE);
        row.pause(load.seen().between(killed, Long.MAX_VALUE).longestPause());
      }
      end(row, load, Contract::nothing);
    }
    if (ours.juicefs() != juicefs) {
      row.mistake("another juicefs serves");
    }
    row.finish(TABLE);
  }

  private static void end(Row row, Load load, Function<Seen, List<String>> contract) {
    var seen = load.stop();
    row.errors(seen);
    contract.apply(seen).forEach(row::mistake);
    row.note(seen.acknowledged() + " acknowledged");
    neighbours.tell(row);
  }

  private static void killPlugin() {
    stack.node().kill();
  }

  private static void startPlugin() {
    stack.node().restart();
  }

  private static void killService() {
    stack.mountService().kill();
  }

  private static void startService() {
    stack.mountService().restart();
  }
}
