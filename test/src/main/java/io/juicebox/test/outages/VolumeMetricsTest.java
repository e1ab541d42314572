package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Signals;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Prometheus is told of each volume, by the name of its claim. */
@Tag("outages")
@DisplayName("outages: metrics of a volume")
final class VolumeMetricsTest {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern ROW = Pattern.compile("(?m)^juicebox_node_volume_(\\S+) (\\S+)$");

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack = LocalStack.start();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void nameTheClaimUntilTheUnmount() {
    var volume = create("claimed", "team", "data");
    var labels = labels(volume, "team", "data");
    publish(volume, "a");
    publish(volume, "b");
    assertThat(rows(volume))
        .contains("healthy" + labels + " 1.0", "publications" + labels + " 2.0");

    node().kill();
    node().restart(); // the new run has only the node's files to know the claim from
    look(volume);
    assertThat(rows(volume))
        .contains(
            "healthy" + labels + " 1.0",
            "publications" + labels + " 2.0",
            "capacity_bytes" + labels + " 1.073741824E9",
            "used_bytes" + labels + " 0.0",
            "available_bytes" + labels + " 1.073741824E9",
            "inodes" + labels + " 1000000.0",
            "inodes_used" + labels + " 0.0");
    publish(volume, "a"); // again, as the kubelet does every minute or so
    assertThat(rows(volume)).hasSize(7);

    unpublish(volume, "a");
    assertThat(rows(volume)).contains("publications" + labels + " 1.0");
    unpublish(volume, "b");
    assertThat(rows(volume)).isEmpty();
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  @Test
  void tellOfAVolumeThatHangs() {
    var volume = create("hanging", "", "");
    var labels = labels(volume, "", "");
    publish(volume, "hanging");
    long juicefs = Scene.juicefs(stack, volume).pid();
    Signals.stop(juicefs);
    try {
      look(volume);
      assertThat(rows(volume))
          .containsExactlyInAnyOrder("healthy" + labels + " 0.0", "publications" + labels + " 1.0");
    } finally {
      Signals.resume(juicefs);
    }
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          look(volume);
          assertThat(rows(volume)).hasSize(7).contains("healthy" + labels + " 1.0");
        });
    unpublish(volume, "hanging");
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  private static DriverProcess node() {
    return stack.node();
  }

  private static Volume create(String name, String namespace, String claim) {
    var request = Requests.create(name, 1L << 30, MODE).toBuilder();
    if (!claim.isEmpty()) {
      request
          .putParameters("csi.storage.k8s.io/pvc/namespace", namespace)
          .putParameters("csi.storage.k8s.io/pvc/name", claim);
    }
    return stack.controller().client().controller().createVolume(request.build()).getVolume();
  }

  private static void publish(Volume volume, String target) {
    var request = Requests.publish(volume, stack.target(target), MODE, stack.secrets());
    var _ = node().client().node().nodePublishVolume(request);
  }

  private static void unpublish(Volume volume, String target) {
    var request = Requests.unpublish(volume, stack.target(target));
    var _ = node().client().node().nodeUnpublishVolume(request);
  }

  /** Has the node look at the volume's health now, as it does by itself every minute. */
  private static void look(Volume volume) {
    var request = NodeGetVolumeHealthRequest.newBuilder().setVolumeId(volume.getVolumeId()).build();
    var _ = node().client().node().nodeGetVolumeHealth(request);
  }

  private static String labels(Volume volume, String namespace, String claim) {
    return "{namespace=\"%s\",persistentvolumeclaim=\"%s\",volume_id=\"%s\"}"
        .formatted(namespace, claim, volume.getVolumeId());
  }

  private static List<String> rows(Volume volume) {
    var text = Answer.http(node().setting("OPS_ADDRESS"), "/metrics").text();
    return ROW.matcher(text)
        .results()
        .map(MatchResult::group)
        .map(row -> row.substring("juicebox_node_volume_".length()))
        .filter(row -> row.contains(volume.getVolumeId()))
        .toList();
  }
}
