package io.juicebox.test.faults;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Outcome;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What is asked of a volume whose servers are away, and when it works again after that. */
final class Recovery {
  /** The design's limit for calls that need a server. */
  private static final Duration CALL = Duration.ofSeconds(10);

  /** Shorter ones are the machine's. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private Recovery() {}

  /** Makes the calls at once, and tells of those that take longer than they may. */
  static void callMeanwhile(Row row, LocalStack stack, LoadedVolume volume) {
    var node = stack.node().client().node();
    Map<String, Supplier<?>> calls = new LinkedHashMap<>();
    calls.put(
        "NodePublishVolume",
        () -> {
          volume.publish();
          return "";
        });
    calls.put(
        "NodeGetVolumeStats",
        () ->
            node.nodeGetVolumeStats(
                NodeGetVolumeStatsRequest.newBuilder()
                    .setVolumeId(volume.id())
                    .setVolumePath(volume.target().toString())
                    .build()));
    calls.put(
        "NodeGetVolumeHealth",
        () ->
            node.nodeGetVolumeHealth(
                NodeGetVolumeHealthRequest.newBuilder().setVolumeId(volume.id()).build()));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      calls.forEach((call, work) -> {
        var _ = CompletableFuture.runAsync(() -> make(row, call, work), threads);
      });
    }
  }

  private static void make(Row row, String call, Supplier<?> work) {
    var outcome = Outcome.<Object>of(work::get);
    synchronized (row) {
      if (outcome.took().compareTo(CALL.plus(Neighbours.TOLERANCE)) > 0) {
        row.mistake("%s took %d ms: %s".formatted(call, outcome.took().toMillis(), outcome));
      }
      if (!List.of(Code.OK, Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED).contains(outcome.code())) {
        row.mistake(call + " came to " + outcome);
      }
    }
  }

  /**
   * The last operation that had an error or had to wait.
   *
   * @param ended how long after the server was back
   * @param what it was
   */
  record Last(Duration ended, String what) {}

  /** What ended last after a moment; at once if nothing did. */
  static Last after(Seen seen, long back) {
    return Stream.concat(
            seen.failures().stream()
                .map(
                    failure -> new Last(Duration.ofNanos(failure.ended() - back), failure.title())),
            seen.pauses().stream()
                .filter(pause -> pause.took().compareTo(PAUSE) > 0)
                .map(pause -> new Last(Duration.ofNanos(pause.ended() - back), pause.toString())))
        .max(Comparator.comparing(Last::ended))
        .orElse(new Last(Duration.ZERO, "nothing"));
  }
}
