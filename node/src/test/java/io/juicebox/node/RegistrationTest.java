package io.juicebox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.csi.spec.registration.InfoRequest;
import io.juicebox.csi.spec.registration.PluginInfo;
import io.juicebox.csi.spec.registration.RegistrationGrpc;
import io.juicebox.csi.spec.registration.RegistrationGrpc.RegistrationBlockingStub;
import io.juicebox.csi.spec.registration.RegistrationStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kubelet sees at the socket, and what its verdict does. The real one is in test/. */
class RegistrationTest {
  private final MultiThreadIoEventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<Work> due = new ArrayList<>();

  @TempDir private Path folder;
  private Path socket = Path.of("/");
  private Registration registration =
      new Registration(
          new RegistrationSettings(new Endpoint(Path.of("/x/s")), socket), (after, work) -> {});

  private record Work(Duration after, Runnable work) {}

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("csi.juicebox.io-reg.sock");
    var settings = new RegistrationSettings(new Endpoint(socket), Path.of("/kubelet/csi.sock"));
    registration = new Registration(settings, (after, work) -> due.add(new Work(after, work)));
    registration.register(meters);
    registration.start();
    due.clear(); // the warning that nobody asks
  }

  @AfterEach
  void stop() throws InterruptedException {
    registration.stop();
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void kubeletIsToldWhereTheNodeServiceIs() {
    PluginInfo info = asKubelet(kubelet -> kubelet.getInfo(InfoRequest.getDefaultInstance()));
    assertThat(info.getType()).isEqualTo("CSIPlugin");
    assertThat(info.getName()).isEqualTo("csi.juicebox.io");
    assertThat(info.getEndpoint()).isEqualTo("/kubelet/csi.sock");
    assertThat(info.getSupportedVersionsList()).containsExactly("1.0.0");
  }

  @Test
  void isNotReadyBeforeTheKubeletHasAsked() {
    assertThat(registration.unready()).contains("has not asked at " + socket).endsWith("\n");
    assertThat(meters.get("juicebox.node.registered").gauge().value()).isZero();
  }

  @Test
  void isReadyWhenItIsRegistered() {
    verdict(true, "");
    assertThat(registration.unready()).isEmpty();
    assertThat(meters.get("juicebox.node.registered").gauge().value()).isEqualTo(1);
    assertThat(due).isEmpty();
  }

  @Test
  void refusalIsToldCountedAndAskedAgainEverMoreSlowly() throws IOException {
    Object before = Files.getAttribute(socket, "unix:ctime");
    var pauses = new ArrayList<Long>();
    for (int i = 0; i < 9; i++) {
      verdict(false, "no such version");
      verdict(false, "no such version"); // the kubelet may try again by itself, too
      pauses.add(due.getFirst().after().toSeconds());
      due.removeFirst().work().run();
      assertThat(due).isEmpty();
    }
    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    assertThat(registration.unready()).contains("does not register the driver: no such version");
    assertThat(meters.get("juicebox.node.registration.refusals").functionCounter().count())
        .isEqualTo(18);
    assertThat(Files.getAttribute(socket, "unix:ctime")).isNotEqualTo(before);
  }

  @Test
  void refusalIsForgottenWhenItIsRegistered() {
    verdict(false, "the API server is away");
    verdict(false, "the API server is away");
    verdict(true, "");
    assertThat(registration.unready()).isEmpty();
    due.clear();
    verdict(false, "again");
    assertThat(registration.unready()).contains("again");
  }

  @Test
  void nothingIsLeftAfterTheEnd() throws Exception {
    verdict(false, "later");
    registration.stop();
    due.getFirst().work().run();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void folderMustBeThere() {
    assertThatThrownBy(() -> settings("KUBELET_REGISTRATION_DIR", "/nowhere/plugins_registry"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("KUBELET_REGISTRATION_DIR is /nowhere/plugins_registry, which is no");
  }

  @Test
  void folderMustBeWritable() {
    assertThatThrownBy(() -> settings("KUBELET_REGISTRATION_DIR", "/proc/sys"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("KUBELET_REGISTRATION_DIR is /proc/sys, which can't be written to");
  }

  @Test
  void endpointIsThatOfTheProgramUnlessSet() {
    String directory = folder.toString();
    assertThat(settings("KUBELET_REGISTRATION_DIR", directory).registration().orElseThrow())
        .isEqualTo(new RegistrationSettings(new Endpoint(socket), Path.of("/run/csi.sock")));
    assertThat(
            settings(
                    "KUBELET_REGISTRATION_DIR",
                    directory,
                    "KUBELET_CSI_ENDPOINT",
                    "unix:///host/csi.sock")
                .registration()
                .orElseThrow()
                .csiSocket())
        .isEqualTo(Path.of("/host/csi.sock"));
  }

  @Test
  void isNotOfferedWithoutTheFolder() {
    assertThat(settings("KUBELET_CSI_ENDPOINT", "/host/csi.sock").registration()).isEmpty();
  }

  private static NodeSettings settings(String... more) {
    var environment =
        new HashMap<>(
            Map.of("CSI_ENDPOINT", "/run/csi.sock", "NODE_ID", "a", "STATE_DIR", "/state"));
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return NodeSettings.from(environment);
  }

  private void verdict(boolean registered, String error) {
    var status =
        RegistrationStatus.newBuilder().setPluginRegistered(registered).setError(error).build();
    var _ = asKubelet(kubelet -> kubelet.notifyRegistrationStatus(status));
  }

  /** Over a connection of its own for each call, as the kubelet makes one. */
  private <T> T asKubelet(Function<RegistrationBlockingStub, T> call) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(eventLoop)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    try {
      return call.apply(
          RegistrationGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS));
    } finally {
      channel.shutdownNow();
    }
  }
}
