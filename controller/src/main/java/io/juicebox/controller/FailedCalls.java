package io.juicebox.controller;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.juicebox.controller.volume.FailureReports;
import io.juicebox.csi.spec.ControllerExpandVolumeRequest;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reports each failed call that somebody waits for at a PersistentVolumeClaim, with the text that
 * the caller gets. A failed deletion is none of them: its claim is gone by then, and the
 * provisioner tells it on the PersistentVolume.
 */
final class FailedCalls implements ServerInterceptor {
  private final FailureReports reports;

  FailedCalls(FailureReports reports) {
    this.reports = reports;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var watched = new WatchedCall<>(call);
    return new SimpleForwardingServerCallListener<>(next.startCall(watched, headers)) {
      @Override
      public void onMessage(Q message) {
        watched.request = message;
        super.onMessage(message);
      }
    };
  }

  private final class WatchedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private volatile @Nullable Q request;

    WatchedCall(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!status.isOk()) {
        report(
            request, Objects.requireNonNullElse(status.getDescription(), status.getCode().name()));
      }
      super.close(status, trailers);
    }
  }

  private void report(@Nullable Object request, String why) {
    switch (request) {
      case CreateVolumeRequest create ->
          PvcName.from(create.getParametersMap())
              .ifPresent(pvc -> reports.creationFailed(create.getName(), pvc, why));
      case ControllerExpandVolumeRequest expand ->
          VolumeId.tryParse(expand.getVolumeId())
              .ifPresent(volume -> reports.expansionFailed(volume, why));
      case null, default -> {}
    }
  }
}
