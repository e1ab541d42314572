package io.juicebox.csi.identity;

import com.google.protobuf.BoolValue;
import io.grpc.stub.StreamObserver;
import io.juicebox.csi.spec.GetPluginCapabilitiesRequest;
import io.juicebox.csi.spec.GetPluginCapabilitiesResponse;
import io.juicebox.csi.spec.GetPluginInfoRequest;
import io.juicebox.csi.spec.GetPluginInfoResponse;
import io.juicebox.csi.spec.IdentityGrpc;
import io.juicebox.csi.spec.PluginCapability;
import io.juicebox.csi.spec.ProbeRequest;
import io.juicebox.csi.spec.ProbeResponse;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The Identity service of both programs.
 *
 * <p>Probe answers whether the program has finished its start. It never fails because a backend is
 * away: the CO would restart the program in a loop, and that cures nothing (DESIGN.md, decision
 * 15).
 */
public final class IdentityService extends IdentityGrpc.IdentityImplBase {
  public static final String DRIVER_NAME = "csi.juicebox.io";

  /**
   * What the driver as a whole can do. Every instance answers the same, whichever services it has
   * (the specification's GetPluginCapabilities).
   */
  private static final GetPluginCapabilitiesResponse CAPABILITIES =
      GetPluginCapabilitiesResponse.newBuilder()
          .addCapabilities(
              PluginCapability.newBuilder()
                  .setService(
                      PluginCapability.Service.newBuilder()
                          .setType(PluginCapability.Service.Type.CONTROLLER_SERVICE)))
          .addCapabilities(
              PluginCapability.newBuilder()
                  .setVolumeExpansion(
                      PluginCapability.VolumeExpansion.newBuilder()
                          .setType(PluginCapability.VolumeExpansion.Type.ONLINE)))
          .build();

  private final GetPluginInfoResponse info;
  private final BooleanSupplier started;

  /**
   * @param build what the answer's manifest says beside the version, such as the program's name
   * @param started whether the program's start is over
   */
  public IdentityService(Map<String, String> build, BooleanSupplier started) {
    this.info =
        GetPluginInfoResponse.newBuilder()
            .setName(DRIVER_NAME)
            .setVendorVersion(version())
            .putAllManifest(build)
            .build();
    this.started = started;
  }

  /** The version of this build, from the jar's manifest. */
  public static String version() {
    String version = IdentityService.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public void getPluginInfo(
      GetPluginInfoRequest request, StreamObserver<GetPluginInfoResponse> answer) {
    answer.onNext(info);
    answer.onCompleted();
  }

  @Override
  public void getPluginCapabilities(
      GetPluginCapabilitiesRequest request, StreamObserver<GetPluginCapabilitiesResponse> answer) {
    answer.onNext(CAPABILITIES);
    answer.onCompleted();
  }

  @Override
  public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
    answer.onNext(
        ProbeResponse.newBuilder().setReady(BoolValue.of(started.getAsBoolean())).build());
    answer.onCompleted();
  }
}
