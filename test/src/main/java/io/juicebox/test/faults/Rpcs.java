package io.juicebox.test.faults;

import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.test.stack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The calls of a healthy volume's life, and the longest time that each kind has taken. */
final class Rpcs {
  private final LocalStack stack;
  private final String name;
  private final Map<String, Duration> longest = new TreeMap<>();
  private int made;

  Rpcs(LocalStack stack, String name) {
    this.stack = stack;
    this.name = name;
  }

  /** Makes each of them once. */
  void make() {
    made++;
    var volume = timed("CreateVolume", () -> LoadedVolume.create(stack, name + "-" + made));
    timed("NodePublishVolume", volume::publish);
    timed("NodeGetVolumeStats", () -> stats(volume));
    timed("NodeGetVolumeHealth", () -> health(volume));
    timed("NodeUnpublishVolume", volume::unpublish);
    timed("DeleteVolume", volume::delete);
  }

  /** Those that took longer than in other circumstances by more than a time. */
  List<String> longerThan(Rpcs control, Duration tolerance) {
    var mistakes = new ArrayList<String>();
    longest.forEach((call, took) -> {
      var usual = control.longest.getOrDefault(call, Duration.ZERO);
      if (took.compareTo(usual.plus(tolerance)) > 0) {
        mistakes.add(
            "%s of another volume took %d ms, and %d ms without a fault"
                .formatted(call, took.toMillis(), usual.toMillis()));
      }
    });
    return mistakes;
  }

  private void stats(LoadedVolume volume) {
    var request =
        NodeGetVolumeStatsRequest.newBuilder()
            .setVolumeId(volume.id())
            .setVolumePath(volume.target().toString())
            .build();
    var _ = stack.node().client().node().nodeGetVolumeStats(request);
  }

  private void health(LoadedVolume volume) {
    var request = NodeGetVolumeHealthRequest.newBuilder().setVolumeId(volume.id()).build();
    var _ = stack.node().client().node().nodeGetVolumeHealth(request);
  }

  private void timed(String call, Runnable work) {
    var _ =
        timed(
            call,
            () -> {
              work.run();
              return call;
            });
  }

  private <T> T timed(String call, Supplier<T> work) {
    long start = System.nanoTime();
    T answer = work.get();
    longest.merge(
        call, Duration.ofNanos(System.nanoTime() - start), (a, b) -> a.compareTo(b) > 0 ? a : b);
    return answer;
  }
}
