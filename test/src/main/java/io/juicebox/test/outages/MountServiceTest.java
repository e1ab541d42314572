package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.mountservice.v1.Health;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The mount service and the node plugin end and come back one without the other. A program that
 * writes to a volume all the time does not notice; the service is a process of the host here, whose
 * juicefs processes do not end with it.
 */
@Tag("outages")
@DisplayName("outages: the mount service and the plugin")
final class MountServiceTest {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Appends and syncs until it is told to end; an error ends it with another code than 0. */
  private static final String WRITER =
      """
      import os, sys
      out = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_APPEND)
      while not os.path.exists(sys.argv[2]):
          os.write(out, b"x")
          os.fsync(out)
      os.close(out)
      """;

  private static LocalStack stack;
  private static Inventory before;

  private Volume volume;
  private Volume other;
  private long juicefs;
  private Path end;
  private Program writer;

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    before = stack.inventory();
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      assertThat(stack.leftSince(before, SOON))
          .allMatch(
              thing -> thing.startsWith("+ directory node/"), "a directory of the node's own");
    }
  }

  @BeforeEach
  void use() {
    volume = create("used");
    other = create("other");
    var _ = stack.node().client().node().nodePublishVolume(publish(volume));
    juicefs = Scene.juicefs(stack, volume).pid();
    end = stack.home().resolve("end");
    var file = stack.target(volume.getVolumeId()).resolve("file");
    writer = Program.start("python3", "-c", WRITER, file.toString(), end.toString());
  }

  @AfterEach
  void theWriterSawNothing() throws IOException {
    try (var _ = writer) {
      assertThat(writer.process().isAlive()).as("the writer had no error until here").isTrue();
      Files.createFile(end);
      assertThat(writer.await(SOON)).isZero();
      assertThat(Scene.juicefs(stack, volume).pid()).isEqualTo(juicefs);
    } finally {
      Files.deleteIfExists(end);
      unpublish(volume);
      unpublish(other);
      var controller = stack.controller().client().controller();
      var _ = controller.deleteVolume(Requests.delete(volume));
      var _ = controller.deleteVolume(Requests.delete(other));
    }
  }

  @Test
  void thePluginIsKilledAndComesBack() {
    stack.node().kill();
    assertServing();
    stack.node().restart();
    worksAgain();
  }

  @Test
  void thePluginIsStoppedAndComesBack() {
    stack.node().restart();
    worksAgain();
  }

  @Test
  void theServiceIsKilledAndComesBack() {
    stack.mountService().kill();
    isToldMissing();
    stack.mountService().restart();
    worksAgain();
  }

  @Test
  void theServiceIsStoppedAndComesBack() {
    stack.mountService().stop();
    isToldMissing();
    stack.mountService().restart();
    worksAgain();
  }

  @Test
  void bothAreKilled() {
    stack.mountService().kill();
    stack.node().kill();
    stack.mountService().restart();
    stack.node().restart();
    worksAgain();
  }

  /** What needs the service fails soon and names it; what does not need it works. */
  private static void isToldMissing() {
    var ready = Answer.http(stack.node().setting("OPS_ADDRESS"), "/readyz");
    assertThat(ready.code()).isEqualTo("503");
    assertThat(ready.text()).contains("the mount service");
    assertThat(Answer.http(stack.node().setting("OPS_ADDRESS"), "/healthz").code())
        .isEqualTo("200");
  }

  private void worksAgain() {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(Answer.http(stack.node().setting("OPS_ADDRESS"), "/readyz").code())
                .isEqualTo("200"));
    assertServing();
    var node = stack.node().client().node();
    var _ = node.nodePublishVolume(publish(volume));
    var _ = node.nodePublishVolume(publish(other));
    var health =
        node.nodeGetVolumeHealth(
            NodeGetVolumeHealthRequest.newBuilder().setVolumeId(volume.getVolumeId()).build());
    assertThat(health.getVolumeHealth().getHealthStatusesList()).isEmpty();
  }

  @Test
  void aPublicationWithoutTheServiceFailsSoonAndNamesIt() {
    stack.mountService().kill();
    try {
      var answer = Answer.of(() -> stack.node().client().node().nodePublishVolume(publish(other)));
      assertThat(answer.code()).isEqualTo("UNAVAILABLE");
      assertThat(answer.text()).contains("the mount service");
      assertThat(answer.took()).isLessThan(Duration.ofSeconds(5L * Rounds.LENIENCE));
    } finally {
      stack.mountService().restart();
    }
    worksAgain();
  }

  private void assertServing() {
    try (var client = MountServiceClient.of(stack.mountService().socket())) {
      var entries = client.calls().list(ListRequest.getDefaultInstance()).getEntriesList();
      assertThat(entries)
          .filteredOn(entry -> entry.getMount().getVolumeId().equals(volume.getVolumeId()))
          .singleElement()
          .satisfies(entry -> {
            assertThat(entry.getMount().getPid()).isEqualTo(juicefs);
            assertThat(entry.getHealth().getState()).isEqualTo(Health.State.SERVING);
          });
    }
  }

  private static NodePublishVolumeRequest publish(Volume volume) {
    return Requests.publish(volume, stack.target(volume.getVolumeId()), MODE, stack.secrets());
  }

  private static void unpublish(Volume volume) {
    var target = stack.target(volume.getVolumeId());
    var _ = stack.node().client().node().nodeUnpublishVolume(Requests.unpublish(volume, target));
  }

  private static Volume create(String name) {
    var request = Requests.create(name, 1L << 30, MODE);
    return stack.controller().client().controller().createVolume(request).getVolume();
  }
}
