package io.juicebox.csi.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.juicebox.csi.spec.GetPluginCapabilitiesRequest;
import io.juicebox.csi.spec.GetPluginInfoRequest;
import io.juicebox.csi.spec.IdentityGrpc;
import io.juicebox.csi.spec.PluginCapability;
import io.juicebox.csi.spec.ProbeRequest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class IdentityServiceTest {
  private final AtomicBoolean started = new AtomicBoolean();
  private final Server server;
  private final ManagedChannel channel;
  private final IdentityGrpc.IdentityBlockingStub identity;

  IdentityServiceTest() {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .addService(new IdentityService(Map.of("program", "controller"), started::get))
            .build();
    channel = InProcessChannelBuilder.forName(name).build();
    identity = IdentityGrpc.newBlockingStub(channel);
  }

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  @Test
  void nameIsADomainNameOfAtMost63Characters() {
    var info = identity.getPluginInfo(GetPluginInfoRequest.getDefaultInstance());
    assertThat(info.getName())
        .isEqualTo("csi.juicebox.io")
        .matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?");
  }

  @Test
  void versionIsNeverEmpty() {
    var info = identity.getPluginInfo(GetPluginInfoRequest.getDefaultInstance());
    assertThat(info.getVendorVersion()).isNotEmpty();
    assertThat(info.getManifestMap()).containsExactly(Map.entry("program", "controller"));
  }

  @Test
  void capabilitiesAreThoseOfTheDriverAsAWhole() {
    var answer = identity.getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance());
    assertThat(answer.getCapabilitiesList())
        .extracting(capability -> capability.getService().getType())
        .contains(PluginCapability.Service.Type.CONTROLLER_SERVICE);
    assertThat(answer.getCapabilitiesList())
        .extracting(capability -> capability.getVolumeExpansion().getType())
        .contains(PluginCapability.VolumeExpansion.Type.ONLINE);
  }

  @Test
  void probeIsReadyOnceTheProgramHasStarted() {
    assertThat(identity.probe(ProbeRequest.getDefaultInstance()).getReady().getValue()).isFalse();
    started.set(true);
    assertThat(identity.probe(ProbeRequest.getDefaultInstance()).getReady().getValue()).isTrue();
  }
}
