package io.juicebox.node;

import io.grpc.stub.StreamObserver;
import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.spec.registration.InfoRequest;
import io.juicebox.csi.spec.registration.PluginInfo;
import io.juicebox.csi.spec.registration.RegistrationGrpc;
import io.juicebox.csi.spec.registration.RegistrationStatus;
import io.juicebox.csi.spec.registration.RegistrationStatusResponse;
import java.nio.file.Path;

/**
 * The kubelet's plugin registration service: the kubelet asks who we are, then says its verdict.
 */
final class RegistrationService extends RegistrationGrpc.RegistrationImplBase {
  private final PluginInfo info;
  private final Registration registration;

  /**
   * @param csiSocket as the kubelet sees it
   */
  RegistrationService(Path csiSocket, Registration registration) {
    this.info =
        PluginInfo.newBuilder()
            .setType("CSIPlugin")
            .setName(IdentityService.DRIVER_NAME)
            .setEndpoint(csiSocket.toString())
            .addSupportedVersions("1.0.0") // the kubelet looks at the 1 only
            .build();
    this.registration = registration;
  }

  @Override
  public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
    answer.onNext(info);
    answer.onCompleted();
  }

  @Override
  public void notifyRegistrationStatus(
      RegistrationStatus verdict, StreamObserver<RegistrationStatusResponse> answer) {
    if (verdict.getPluginRegistered()) {
      registration.accepted();
    } else {
      registration.refused(verdict.getError());
    }
    answer.onNext(RegistrationStatusResponse.getDefaultInstance());
    answer.onCompleted();
  }
}
