package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node that can't mount says so at /readyz; /healthz, which restarts it, stays well. */
@Tag("outages")
@DisplayName("outages: the node is not ready")
final class NodeReadyTest {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    // Long enough for a look at what the node says while its recovery waits for a mount.
    stack = LocalStack.builder().node("FILESYSTEM_TIMEOUT", "20s").start();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void withoutJuicefs() throws IOException {
    var program = stack.home().resolve("juicefs");
    var bare = stack.addNode("bare", Map.of("JUICEFS", program.toString()));
    is(bare, "/readyz", "503", program.toString());
    is(bare, "/healthz", "200", "ok");
    Files.createSymbolicLink(program, Tools.program("juicefs"));
    is(bare, "/readyz", "200", "ok");
  }

  @Test
  void untilTheKubeletHasRegisteredIt() throws IOException {
    var registry = Files.createDirectory(stack.home().resolve("registry"));
    var socket = registry.resolve("csi.juicebox.io-reg.sock");
    var unknown = stack.addNode("unknown", Map.of("KUBELET_REGISTRATION_DIR", registry.toString()));
    is(unknown, "/readyz", "503", "the kubelet has not asked at " + socket);
    is(unknown, "/healthz", "200", "ok");
    unknown.kill();
    assertThat(socket).exists();
    unknown.restart();
    is(unknown, "/readyz", "503", "the kubelet has not asked");
    unknown.stop();
    assertThat(registry).isEmptyDirectory();
  }

  @Test
  void whileMountsAreTakenUp() {
    var node = stack.node();
    var volume = create();
    var target = stack.target(volume.getVolumeId());
    var _ = node.client().node().nodePublishVolume(publish(volume));
    long juicefs = Scene.juicefs(stack, volume).pid();
    node.kill();
    Signals.stop(juicefs); // so that its mount does not answer the new run
    try {
      var started = CompletableFuture.runAsync(node::restart);
      is(node, "/readyz", "503", "taken up");
      is(node, "/healthz", "200", "ok");
      started.join();
      await().atMost(Duration.ofSeconds(30)).until(() -> get(node, "/readyz").code().equals("200"));
    } finally {
      Signals.resume(juicefs);
    }
    // The look that hung may take a moment to end; a CO calls again, too.
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> node.client().node().nodePublishVolume(publish(volume)) != null);
    var _ = node.client().node().nodeUnpublishVolume(Requests.unpublish(volume, target));
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  private static NodePublishVolumeRequest publish(Volume volume) {
    return Requests.publish(volume, stack.target(volume.getVolumeId()), MODE, stack.secrets());
  }

  private static Volume create() {
    var request = Requests.create("taken-up", 1L << 30, MODE);
    return stack.controller().client().controller().createVolume(request).getVolume();
  }

  private static Answer get(DriverProcess node, String path) {
    return Answer.http(node.setting("OPS_ADDRESS"), path);
  }

  private static void is(DriverProcess node, String path, String code, String text) {
    // The CSI socket, on which a start waits, is there a moment before all is.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          var answer = get(node, path);
          assertThat(answer.code()).as(path).isEqualTo(code);
          assertThat(answer.text()).contains(text);
        });
  }
}
