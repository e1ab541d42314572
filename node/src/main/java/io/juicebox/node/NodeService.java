package io.juicebox.node;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.spec.NodeGetCapabilitiesRequest;
import io.juicebox.csi.spec.NodeGetCapabilitiesResponse;
import io.juicebox.csi.spec.NodeGetInfoRequest;
import io.juicebox.csi.spec.NodeGetInfoResponse;
import io.juicebox.csi.spec.NodeGetStorageHealthRequest;
import io.juicebox.csi.spec.NodeGetStorageHealthResponse;
import io.juicebox.csi.spec.NodeGetStorageHealthResponse.StorageBackendHealth;
import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.NodeGetVolumeHealthResponse;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsResponse;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeResponse;
import io.juicebox.csi.spec.NodeServiceCapability;
import io.juicebox.csi.spec.NodeUnpublishVolumeRequest;
import io.juicebox.csi.spec.NodeUnpublishVolumeResponse;
import io.juicebox.csi.spec.StorageHealthErrorType;
import io.juicebox.csi.spec.VolumeHealth.VolumeHealthEntry;
import io.juicebox.csi.spec.VolumeHealthErrorType;
import io.juicebox.csi.spec.VolumeUsage;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.health.StorageHealth;
import io.juicebox.node.health.VolumeHealth;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.FilesystemRoom;
import io.juicebox.node.publish.PublishRequest;
import io.juicebox.node.publish.PublishVolume;
import io.juicebox.node.publish.TargetPath;
import io.juicebox.node.publish.UnpublishVolume;
import io.juicebox.node.publish.VolumeStats;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The CSI Node service. */
final class NodeService extends NodeGrpc.NodeImplBase {
  private static final List<NodeServiceCapability.RPC.Type> OFFERED =
      List.of(
          NodeServiceCapability.RPC.Type.GET_VOLUME_STATS,
          NodeServiceCapability.RPC.Type.SINGLE_NODE_MULTI_WRITER,
          NodeServiceCapability.RPC.Type.VOLUME_MOUNT_GROUP,
          NodeServiceCapability.RPC.Type.GET_VOLUME_HEALTH,
          NodeServiceCapability.RPC.Type.GET_STORAGE_HEALTH);

  private final String nodeId;
  private final int maxVolumes;
  private final Duration mountTimeout;
  private final Optional<CredentialDirectory> credentials;
  private final PublishVolume publish;
  private final UnpublishVolume unpublish;
  private final VolumeStats stats;
  private final HealthWatch health;

  NodeService(
      String nodeId,
      int maxVolumes,
      Duration mountTimeout,
      Optional<CredentialDirectory> credentials,
      PublishVolume publish,
      UnpublishVolume unpublish,
      VolumeStats stats,
      HealthWatch health) {
    this.nodeId = nodeId;
    this.maxVolumes = maxVolumes;
    this.mountTimeout = mountTimeout;
    this.credentials = credentials;
    this.publish = publish;
    this.unpublish = unpublish;
    this.stats = stats;
    this.health = health;
  }

  @Override
  public void nodePublishVolume(
      NodePublishVolumeRequest call, StreamObserver<NodePublishVolumeResponse> answer) {
    PublishRequest request = NodeRequests.publish(call, credentials);
    try {
      publish.publish(request, deadline());
    } catch (DriverException e) {
      health.publishFailed(request.volume(), String.valueOf(e.getMessage()));
      throw e;
    }
    health.published(request.volume());
    answer(answer, NodePublishVolumeResponse.getDefaultInstance());
  }

  @Override
  public void nodeUnpublishVolume(
      NodeUnpublishVolumeRequest call, StreamObserver<NodeUnpublishVolumeResponse> answer) {
    var volume = NodeRequests.volume(call, call.getVolumeId());
    var target = TargetPath.parse("target_path", call.getTargetPath());
    volume.ifPresent(known -> {
      unpublish.unpublish(known, target, deadline());
      health.unpublished(known);
    });
    answer(answer, NodeUnpublishVolumeResponse.getDefaultInstance());
  }

  @Override
  public void nodeGetVolumeStats(
      NodeGetVolumeStatsRequest call, StreamObserver<NodeGetVolumeStatsResponse> answer) {
    String text = call.getVolumePath();
    var volume = NodeRequests.volume(call, call.getVolumeId());
    if (text.isEmpty()) {
      throw new InvalidRequest("volume_path", "is missing");
    }
    VolumeId known = volume.orElseThrow(() -> NotFound.volume(call.getVolumeId()));
    if (!text.startsWith("/")) {
      throw new NotFound("volume %s is not published at a relative path".formatted(known));
    }
    FilesystemRoom room = stats.of(known, TargetPath.parse("volume_path", text));
    answer(
        answer,
        NodeGetVolumeStatsResponse.newBuilder()
            .addUsage(
                usage(
                    VolumeUsage.Unit.BYTES, room.bytes(), room.usedBytes(), room.availableBytes()))
            .addUsage(
                usage(VolumeUsage.Unit.INODES, room.inodes(), room.usedInodes(), room.freeInodes()))
            .build());
  }

  @Override
  public void nodeGetVolumeHealth(
      NodeGetVolumeHealthRequest call, StreamObserver<NodeGetVolumeHealthResponse> answer) {
    VolumeId volume =
        NodeRequests.volume(call, call.getVolumeId())
            .orElseThrow(() -> NotFound.volume(call.getVolumeId()));
    var rendered = io.juicebox.csi.spec.VolumeHealth.newBuilder().setVolumeId(volume.value());
    VolumeHealth found = health.check(volume);
    if (!found.healthy()) {
      rendered.addHealthStatuses(
          VolumeHealthEntry.newBuilder()
              .setStatus(VolumeHealthErrorType.INACCESSIBLE)
              .setReason(found.state().reason())
              .setMessage("since %s: %s".formatted(found.since(), found.cause())));
    }
    answer(answer, NodeGetVolumeHealthResponse.newBuilder().setVolumeHealth(rendered).build());
  }

  @Override
  public void nodeGetStorageHealth(
      NodeGetStorageHealthRequest call, StreamObserver<NodeGetStorageHealthResponse> answer) {
    var response = NodeGetStorageHealthResponse.newBuilder();
    StorageHealth storage = health.storage();
    if (!storage.healthy()) {
      response.addBackendHealth(
          StorageBackendHealth.newBuilder()
              .setStatus(
                  storage.unreachable()
                      ? StorageHealthErrorType.STORAGE_UNREACHABLE
                      : StorageHealthErrorType.STORAGE_DEGRADED)
              .setReason("NotAnswering")
              .setMessage(
                  "%d of %d volumes mounted on this node do not answer"
                      .formatted(storage.silent(), storage.silent() + storage.answering())));
    }
    answer(answer, response.build());
  }

  @Override
  public void nodeGetInfo(NodeGetInfoRequest call, StreamObserver<NodeGetInfoResponse> answer) {
    answer(
        answer,
        NodeGetInfoResponse.newBuilder()
            .setNodeId(nodeId)
            .setMaxVolumesPerNode(maxVolumes)
            .build());
  }

  @Override
  public void nodeGetCapabilities(
      NodeGetCapabilitiesRequest call, StreamObserver<NodeGetCapabilitiesResponse> answer) {
    var response = NodeGetCapabilitiesResponse.newBuilder();
    OFFERED.forEach(type ->
        response.addCapabilities(
            NodeServiceCapability.newBuilder()
                .setRpc(NodeServiceCapability.RPC.newBuilder().setType(type))));
    answer(answer, response.build());
  }

  /** The call's own deadline, or the setting where that is sooner. */
  private Deadline deadline() {
    io.grpc.Deadline call = Context.current().getDeadline();
    if (call == null) {
      return Deadline.after(mountTimeout);
    }
    Duration left = Duration.ofNanos(Math.max(0, call.timeRemaining(TimeUnit.NANOSECONDS)));
    return Deadline.after(left.compareTo(mountTimeout) < 0 ? left : mountTimeout);
  }

  private static VolumeUsage.Builder usage(
      VolumeUsage.Unit unit, long total, long used, long available) {
    return VolumeUsage.newBuilder()
        .setUnit(unit)
        .setTotal(total)
        .setUsed(used)
        .setAvailable(available);
  }

  private static <A> void answer(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }
}
