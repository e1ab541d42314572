package io.juicebox.test.faults;

import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Takes a server of a volume in use away, again and again. */
final class AwayRun {
  private static final int ROUNDS = Rounds.of(3, 10);

  /** Beyond the bound, so that what is too late is seen. */
  private static final Duration SETTLE = Duration.ofSeconds(7);

  /** So many loads at once. */
  private static final double PACE = 0.2;

  private final LocalStack stack;

  /**
   * @param stack with a backend for each event
   */
  AwayRun(LocalStack stack) {
    this.stack = stack;
  }

  /** All rounds of an event, on a volume that is made for it; nothing is in the table yet. */
  Row of(Away away) {
    var row = new Row(away.title(), away.recovered());
    var volume = LoadedVolume.create(stack, away.backend(), Map.of("backend", away.backend()));
    volume.publish();
    try (volume;
        var load = volume.load(volume.target(), PACE, Load.ALL)) {
      load.awaitReady();
      long juicefs = volume.juicefs();
      for (int round = 0; round < ROUNDS; round++) {
        round(away, row, volume, load);
      }
      var seen = load.stop();
      row.errors(seen);
      seen.wrong().forEach(row::mistake);
      seen.pauses().stream()
          .max(Comparator.comparing(Seen.Pause::took))
          .ifPresent(longest ->
              row.note(
                  "longest: %s %s, %d ms"
                      .formatted(longest.kind(), longest.operation(), longest.took().toMillis())));
      row.note(seen.acknowledged() + " acknowledged");
      if (volume.juicefs() != juicefs) {
        row.mistake("another juicefs serves it");
      }
    }
    return row;
  }

  private void round(Away away, Row row, LoadedVolume volume, Load load) {
    CompletableFuture<Void> calls;
    away.begin(volume.backend());
    try {
      calls = CompletableFuture.runAsync(() -> Recovery.callMeanwhile(row, stack, volume));
      Wait.of(away.time());
    } finally {
      away.end(volume.backend());
    }
    long back = System.nanoTime();
    Wait.of(away.recovered().plus(SETTLE));
    calls.join();
    var last = Recovery.after(load.seen().between(back, Long.MAX_VALUE), back);
    row.pause(last.ended());
    if (last.ended().compareTo(away.recovered()) > 0) {
      row.mistake("that was " + last.what());
    }
    volume.publish(); // as the kubelet does, again and again
  }
}
