package io.juicebox.controller.kube;

import static io.juicebox.controller.kube.TestingApi.STARTUP;
import static io.juicebox.controller.kube.TestingApi.taint;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.juicebox.controller.kube.Failure.Reason;
import io.juicebox.csi.volume.PvcName;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionsTest {
  private static final Taint OTHER = taint("other", "x", "NoExecute");

  @Test
  void onlyTheStartupTaintIsRemovedAndOnlyWhereItWasSeen() {
    assertThat(Taints.removal(node(OTHER, taint(Taints.KEY, "", "NoSchedule"), STARTUP)))
        .contains(
            List.of(
                Map.of("op", "test", "path", "/spec/taints/2", "value", STARTUP),
                Map.of("op", "remove", "path", "/spec/taints/2")));
  }

  @Test
  void aNodeWithoutItIsLeftAlone() {
    assertThat(Taints.removal(node(OTHER))).isEmpty();
    assertThat(Taints.removal(node())).isEmpty();
    assertThat(Taints.removal(new Node())).isEmpty();
  }

  private static Node node(Taint... taints) {
    return new NodeBuilder().withNewSpec().withTaints(taints).endSpec().build();
  }

  @Test
  void theStoreKeepsWhatAnInformerComparesAndWhetherTheDriverIsThere() {
    var nodes = new CsiNodes();
    assertThat(nodes.put("a", csiNode("a", "1", "ebs.csi.aws.com"))).isNull();
    assertThat(nodes.haveDriver("a")).isFalse();
    CSINode before =
        Objects.requireNonNull(
            nodes.put("a", csiNode("a", "2", "ebs.csi.aws.com", CsiNodes.DRIVER)));
    assertThat(before.getMetadata().getResourceVersion()).isEqualTo("1");
    assertThat(CsiNodes.listsDriver(before)).isFalse();
    assertThat(nodes.haveDriver("a")).isTrue();
    assertThat(nodes.values())
        .singleElement()
        .satisfies(kept -> {
          assertThat(nodes.getKey(kept)).isEqualTo("a");
          assertThat(CsiNodes.listsDriver(kept)).isTrue();
        });
    nodes.remove("a");
    assertThat(nodes.size()).isZero();
    assertThat(nodes.haveDriver("a")).isFalse();
  }

  @Test
  void aNodeWithoutAnyDriverHasNullInTheirPlace() {
    var node = csiNode("a", "1");
    node.getSpec().setDrivers(null);
    assertThat(CsiNodes.listsDriver(node)).isFalse();
  }

  private static CSINode csiNode(String name, String version, String... drivers) {
    var spec =
        new CSINodeBuilder()
            .withNewMetadata()
            .withName(name)
            .withResourceVersion(version)
            .endMetadata()
            .withNewSpec();
    for (String driver : drivers) {
      spec = spec.addNewDriver().withName(driver).endDriver();
    }
    return spec.endSpec().build();
  }

  @Test
  void looksAtAllNodesNeverCostMoreThanAHundredAMinute() {
    var minute = Duration.ofMinutes(1);
    assertThat(StartupTaint.period(1, minute)).isEqualTo(minute);
    assertThat(StartupTaint.period(100, minute)).isEqualTo(minute);
    assertThat(StartupTaint.period(5_000, minute)).isEqualTo(Duration.ofMinutes(50));
  }

  @Test
  void pausesGrowUpToHalfAMinute() {
    assertThat(StartupTaint.backoff(0)).isEqualTo(Duration.ofSeconds(1));
    assertThat(StartupTaint.backoff(3)).isEqualTo(Duration.ofSeconds(8));
    assertThat(StartupTaint.backoff(1_000)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aMessageIsOneLineOfAKibibyteAtMost() {
    assertThat(Failure.oneLine("a\r\nb\tc\u0000d\ud800")).isEqualTo("a  b c d ");
    assertThat(Failure.oneLine("x".repeat(1_024))).isEqualTo("x".repeat(1_024));
    assertThat(Failure.oneLine("x".repeat(1 << 20))).isEqualTo("x".repeat(1_021) + "...");
    String wide = Failure.oneLine("\ud83d\ude00".repeat(300));
    assertThat(wide).endsWith("\ud83d\ude00...");
    assertThat(wide.getBytes(UTF_8)).hasSizeBetween(1_020, 1_024);
  }

  @ParameterizedTest
  @CsvSource({
    "pvc-0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f, 0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f",
    "team-x-0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f, 0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f",
    "pvc-0b7f3c1e, ",
    "0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f-x, "
  })
  void theUidIsInTheProvisionersNames(String volume, String uid) {
    var claimed = new Whose.Claimed(volume, new PvcName("team-a", "data"));
    var failure = new Failure(Reason.VOLUME_EXPANSION_FAILED, claimed, "why");
    Instant first = Instant.parse("2026-01-01T00:00:00.000001Z");
    var due = new EventBook.Due(failure, Optional.empty(), 3, first, first.plusSeconds(7));
    var event = EventWriter.event(due, claimed, "replica-0");
    assertThat(event.getInvolvedObject().getUid()).isEqualTo(uid);
    assertThat(event.getInvolvedObject().getNamespace()).isEqualTo("team-a");
    assertThat(event.getMetadata().getName()).startsWith("data.");
    assertThat(event.getCount()).isEqualTo(3);
    assertThat(event.getFirstTimestamp()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(event.getLastTimestamp()).isEqualTo("2026-01-01T00:00:07Z");
  }

  @Test
  void theNameOfAnEventFits() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    String claim = "a".repeat(235) + "." + "b".repeat(17);
    assertThat(EventWriter.eventName(claim, due("x", now)))
        .hasSizeLessThanOrEqualTo(253)
        .matches("a{235}\\.[0-9a-f]{16}");
    assertThat(EventWriter.eventName("data", due("x", now)))
        .isEqualTo(EventWriter.eventName("data", due("x", now)))
        .isNotEqualTo(EventWriter.eventName("data", due("y", now)));
  }

  private static EventBook.Due due(String why, Instant first) {
    var claimed = new Whose.Claimed("pvc-1", new PvcName("team-a", "data"));
    return new EventBook.Due(
        new Failure(Reason.VOLUME_CREATION_FAILED, claimed, why),
        Optional.empty(),
        1,
        first,
        first);
  }

  @Test
  void aTroubleIsToldWhenItBeginsChangesAndEnds() {
    try (var log = new LogLines()) {
      var trouble = new Trouble("it fails");
      trouble.over();
      for (int i = 0; i < 5; i++) {
        trouble.met(new KubernetesClientException("wrapped", new ConnectException("refused")));
      }
      trouble.met(new KubernetesClientException("no right", 403, null));
      trouble.over();
      trouble.over();
      assertThat(log.lines())
          .containsExactly(
              "WARN it fails: refused; it is tried again and again",
              "WARN it fails: no right; it is tried again and again",
              "INFO it fails: no more");
    }
  }
}
