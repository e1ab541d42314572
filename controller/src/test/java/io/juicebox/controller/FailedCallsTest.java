package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.juicebox.controller.volume.TestingReports;
import io.juicebox.csi.spec.ControllerExpandVolumeRequest;
import io.juicebox.csi.spec.ControllerExpandVolumeResponse;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.ControllerGrpc.ControllerBlockingStub;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.csi.spec.DeleteVolumeRequest;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.StatusInterceptor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailedCallsTest {
  private static final String ID = "default-abcdefghij0123456789";
  private static final Map<String, String> CLAIM =
      Map.of("csi.storage.k8s.io/pvc/name", "data", "csi.storage.k8s.io/pvc/namespace", "team-a");

  private final TestingReports reports = new TestingReports();

  private static final class Controller extends ControllerGrpc.ControllerImplBase {
    @Override
    public void createVolume(
        CreateVolumeRequest request, StreamObserver<CreateVolumeResponse> answer) {
      switch (request.getName()) {
        case "full" -> throw new Exhausted("no room");
        default -> {
          answer.onNext(CreateVolumeResponse.getDefaultInstance());
          answer.onCompleted();
        }
      }
    }

    @Override
    public void controllerExpandVolume(
        ControllerExpandVolumeRequest request,
        StreamObserver<ControllerExpandVolumeResponse> answer) {
      throw new Exhausted("no room");
    }
  }

  @Test
  void failuresOfAClaimsVolumeAreReportedAsTheCallerSeesThem() throws Exception {
    var server =
        InProcessServerBuilder.forName("failed-calls")
            .addService(new Controller())
            .intercept(new StatusInterceptor())
            .intercept(new FailedCalls(reports)) // the last one is the outermost
            .build()
            .start();
    var channel = InProcessChannelBuilder.forName("failed-calls").build();
    try {
      callAll(ControllerGrpc.newBlockingStub(channel));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
    assertThat(reports.lines())
        .containsExactly(
            "creation of full for team-a/data: no room", "expansion of " + ID + ": no room");
  }

  private static void callAll(ControllerBlockingStub controller) {
    var create = CreateVolumeRequest.newBuilder().putAllParameters(CLAIM);
    var fine = controller.createVolume(create.setName("fine").build());
    assertThat(fine).isNotNull();
    fails(() -> controller.createVolume(create.setName("full").build()));
    fails(() -> controller.createVolume(create.setName("full").clearParameters().build()));
    for (String id : new String[] {ID, "not one of ours"}) {
      var expand = ControllerExpandVolumeRequest.newBuilder().setVolumeId(id).build();
      fails(() -> controller.controllerExpandVolume(expand));
    }
    fails(() -> controller.deleteVolume(DeleteVolumeRequest.getDefaultInstance()));
  }

  private static void fails(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(StatusRuntimeException.class);
  }
}
