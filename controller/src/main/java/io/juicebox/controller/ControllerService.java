package io.juicebox.controller;

import com.google.protobuf.Int64Value;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.juicebox.controller.volume.AvailableCapacity;
import io.juicebox.controller.volume.CapacityRange;
import io.juicebox.controller.volume.CheckHealth;
import io.juicebox.controller.volume.CreateVolume;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.controller.volume.DeleteVolume;
import io.juicebox.controller.volume.ExpandVolume;
import io.juicebox.controller.volume.ValidateCapabilities;
import io.juicebox.controller.volume.VolumeDirectory;
import io.juicebox.csi.request.FieldSizes;
import io.juicebox.csi.request.RequestFields;
import io.juicebox.csi.spec.ControllerExpandVolumeRequest;
import io.juicebox.csi.spec.ControllerExpandVolumeResponse;
import io.juicebox.csi.spec.ControllerGetCapabilitiesRequest;
import io.juicebox.csi.spec.ControllerGetCapabilitiesResponse;
import io.juicebox.csi.spec.ControllerGetVolumeHealthRequest;
import io.juicebox.csi.spec.ControllerGetVolumeHealthResponse;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.ControllerGetVolumeResponse;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.ControllerListVolumeHealthRequest;
import io.juicebox.csi.spec.ControllerListVolumeHealthResponse;
import io.juicebox.csi.spec.ControllerServiceCapability.RPC;
import io.juicebox.csi.spec.CreateSnapshotRequest;
import io.juicebox.csi.spec.CreateSnapshotResponse;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.csi.spec.DeleteSnapshotRequest;
import io.juicebox.csi.spec.DeleteSnapshotResponse;
import io.juicebox.csi.spec.DeleteVolumeRequest;
import io.juicebox.csi.spec.DeleteVolumeResponse;
import io.juicebox.csi.spec.GetCapacityRequest;
import io.juicebox.csi.spec.GetCapacityResponse;
import io.juicebox.csi.spec.GetSnapshotRequest;
import io.juicebox.csi.spec.GetSnapshotResponse;
import io.juicebox.csi.spec.ListSnapshotsRequest;
import io.juicebox.csi.spec.ListSnapshotsResponse;
import io.juicebox.csi.spec.ListVolumesRequest;
import io.juicebox.csi.spec.ListVolumesResponse;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesResponse;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The CSI Controller service: messages to records, one use case, records to messages. */
final class ControllerService extends ControllerGrpc.ControllerImplBase {
  /** For callers that set no deadline. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final List<RPC.Type> OFFERED =
      List.of(
          RPC.Type.CREATE_DELETE_VOLUME,
          RPC.Type.LIST_VOLUMES,
          RPC.Type.EXPAND_VOLUME,
          RPC.Type.GET_VOLUME,
          RPC.Type.GET_VOLUME_HEALTH,
          RPC.Type.LIST_VOLUME_HEALTH,
          RPC.Type.CREATE_DELETE_SNAPSHOT,
          RPC.Type.LIST_SNAPSHOTS,
          RPC.Type.GET_SNAPSHOT,
          RPC.Type.CLONE_VOLUME,
          RPC.Type.SINGLE_NODE_MULTI_WRITER);

  private final CreateVolume create;
  private final DeleteVolume delete;
  private final ExpandVolume expand;
  private final VolumeDirectory volumes;
  private final ValidateCapabilities validate;
  private final AvailableCapacity capacity;
  private final CheckHealth health;
  private final SnapshotService snapshots;

  ControllerService(
      CreateVolume create,
      DeleteVolume delete,
      ExpandVolume expand,
      VolumeDirectory volumes,
      ValidateCapabilities validate,
      AvailableCapacity capacity,
      CheckHealth health,
      SnapshotService snapshots) {
    this.create = create;
    this.delete = delete;
    this.expand = expand;
    this.volumes = volumes;
    this.validate = validate;
    this.capacity = capacity;
    this.health = health;
    this.snapshots = snapshots;
  }

  @Override
  public void createVolume(
      CreateVolumeRequest request, StreamObserver<CreateVolumeResponse> answer) {
    var volume = create.create(ControllerRequests.volume(request), deadline());
    reply(
        answer,
        CreateVolumeResponse.newBuilder().setVolume(ControllerReplies.volume(volume)).build());
  }

  @Override
  public void deleteVolume(
      DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> answer) {
    FieldSizes.check(request);
    delete.delete(RequestFields.volumeId(request.getVolumeId()), deadline());
    reply(answer, DeleteVolumeResponse.getDefaultInstance());
  }

  @Override
  public void controllerExpandVolume(
      ControllerExpandVolumeRequest request,
      StreamObserver<ControllerExpandVolumeResponse> answer) {
    FieldSizes.check(request);
    String id = RequestFields.volumeId(request.getVolumeId());
    if (request.hasVolumeCapability()) {
      ControllerRequests.capability(request.getVolumeCapability()).requireMount();
    }
    var range =
        new CapacityRange(
            request.getCapacityRange().getRequiredBytes(),
            request.getCapacityRange().getLimitBytes());
    Capacity now = expand.expand(id, range, deadline());
    reply(
        answer,
        ControllerExpandVolumeResponse.newBuilder()
            .setCapacityBytes(now.bytes())
            .setNodeExpansionRequired(false)
            .build());
  }

  @Override
  public void validateVolumeCapabilities(
      ValidateVolumeCapabilitiesRequest request,
      StreamObserver<ValidateVolumeCapabilitiesResponse> answer) {
    FieldSizes.check(request);
    String id = RequestFields.volumeId(request.getVolumeId());
    if (request.getVolumeCapabilitiesCount() == 0) {
      throw new InvalidRequest("volume_capabilities", "is missing");
    }
    ControllerRequests.refuseMutable(request.getMutableParamsMap());
    var objection =
        validate.objection(
            id,
            ControllerRequests.capabilities(request.getVolumeCapabilitiesList()),
            request.getVolumeContextMap(),
            request.getParametersMap());
    reply(answer, verdict(request, objection));
  }

  private static ValidateVolumeCapabilitiesResponse verdict(
      ValidateVolumeCapabilitiesRequest request, Optional<String> objection) {
    var verdict = ValidateVolumeCapabilitiesResponse.newBuilder();
    objection.ifPresentOrElse(
        verdict::setMessage,
        () ->
            verdict
                .getConfirmedBuilder()
                .putAllVolumeContext(request.getVolumeContextMap())
                .addAllVolumeCapabilities(request.getVolumeCapabilitiesList())
                .putAllParameters(request.getParametersMap()));
    return verdict.build();
  }

  @Override
  public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> answer) {
    var page = volumes.list(request.getStartingToken(), request.getMaxEntries());
    var entries =
        page.volumes().stream()
            .map(ControllerReplies::volume)
            .map(volume -> ListVolumesResponse.Entry.newBuilder().setVolume(volume).build())
            .toList();
    reply(
        answer,
        ListVolumesResponse.newBuilder()
            .addAllEntries(entries)
            .setNextToken(token(page.next()))
            .build());
  }

  @Override
  public void controllerGetVolume(
      ControllerGetVolumeRequest request, StreamObserver<ControllerGetVolumeResponse> answer) {
    FieldSizes.check(request);
    var volume = volumes.get(RequestFields.volumeId(request.getVolumeId()));
    reply(
        answer,
        ControllerGetVolumeResponse.newBuilder()
            .setVolume(ControllerReplies.volume(volume))
            .setStatus(ControllerGetVolumeResponse.VolumeStatus.getDefaultInstance())
            .build());
  }

  @Override
  public void controllerGetVolumeHealth(
      ControllerGetVolumeHealthRequest request,
      StreamObserver<ControllerGetVolumeHealthResponse> answer) {
    FieldSizes.check(request);
    var found = health.check(RequestFields.volumeId(request.getVolumeId()));
    reply(
        answer,
        ControllerGetVolumeHealthResponse.newBuilder()
            .setVolumeHealth(ControllerReplies.health(found))
            .build());
  }

  @Override
  public void controllerListVolumeHealth(
      ControllerListVolumeHealthRequest request,
      StreamObserver<ControllerListVolumeHealthResponse> answer) {
    var page = health.list(request.getStartingToken(), request.getMaxEntries());
    reply(
        answer,
        ControllerListVolumeHealthResponse.newBuilder()
            .addAllEntries(page.ill().stream().map(ControllerReplies::health).toList())
            .setNextToken(token(page.next()))
            .build());
  }

  @Override
  public void getCapacity(GetCapacityRequest request, StreamObserver<GetCapacityResponse> answer) {
    FieldSizes.check(request);
    long bytes =
        capacity.bytes(
            ControllerRequests.capabilities(request.getVolumeCapabilitiesList()),
            request.getParametersMap());
    reply(
        answer,
        GetCapacityResponse.newBuilder()
            .setAvailableCapacity(bytes)
            .setMaximumVolumeSize(Int64Value.of(Math.min(bytes, Capacity.LARGEST.bytes())))
            .setMinimumVolumeSize(Int64Value.of(Capacity.SMALLEST.bytes()))
            .build());
  }

  @Override
  public void createSnapshot(
      CreateSnapshotRequest request, StreamObserver<CreateSnapshotResponse> answer) {
    reply(answer, snapshots.create(request, deadline()));
  }

  @Override
  public void deleteSnapshot(
      DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> answer) {
    snapshots.delete(request, deadline());
    reply(answer, DeleteSnapshotResponse.getDefaultInstance());
  }

  @Override
  public void getSnapshot(GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> answer) {
    reply(answer, snapshots.get(request));
  }

  @Override
  public void listSnapshots(
      ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> answer) {
    reply(answer, snapshots.list(request));
  }

  @Override
  public void controllerGetCapabilities(
      ControllerGetCapabilitiesRequest request,
      StreamObserver<ControllerGetCapabilitiesResponse> answer) {
    var offered =
        Stream.concat(
                OFFERED.stream(),
                capacity.isOffered() ? Stream.of(RPC.Type.GET_CAPACITY) : Stream.empty())
            .map(ControllerReplies::capability)
            .toList();
    reply(
        answer, ControllerGetCapabilitiesResponse.newBuilder().addAllCapabilities(offered).build());
  }

  private static String token(Optional<VolumeId> next) {
    return next.map(VolumeId::value).orElse("");
  }

  private static Deadline deadline() {
    var deadline = Context.current().getDeadline();
    return Deadline.in(
        deadline == null
            ? PATIENCE
            : Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  private static <T> void reply(StreamObserver<T> answer, T message) {
    answer.onNext(message);
    answer.onCompleted();
  }
}
