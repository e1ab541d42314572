package io.juicebox.controller;

import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.volume.CreateSnapshot;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.controller.volume.DeleteSnapshot;
import io.juicebox.controller.volume.SnapshotDirectory;
import io.juicebox.controller.volume.SourceId;
import io.juicebox.csi.request.FieldSizes;
import io.juicebox.csi.spec.CreateSnapshotRequest;
import io.juicebox.csi.spec.CreateSnapshotResponse;
import io.juicebox.csi.spec.DeleteSnapshotRequest;
import io.juicebox.csi.spec.GetSnapshotRequest;
import io.juicebox.csi.spec.GetSnapshotResponse;
import io.juicebox.csi.spec.ListSnapshotsRequest;
import io.juicebox.csi.spec.ListSnapshotsResponse;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.csi.volume.VolumeParameters;

/** The calls of the CSI Controller service that are about snapshots. */
final class SnapshotService {
  private final CreateSnapshot create;
  private final DeleteSnapshot delete;
  private final SnapshotDirectory snapshots;

  SnapshotService(CreateSnapshot create, DeleteSnapshot delete, SnapshotDirectory snapshots) {
    this.create = create;
    this.delete = delete;
    this.snapshots = snapshots;
  }

  CreateSnapshotResponse create(CreateSnapshotRequest request, Deadline deadline) {
    FieldSizes.check(request);
    String name = ControllerRequests.name(request.getName());
    if (request.getSourceVolumeId().isEmpty()) {
      throw new InvalidRequest("source_volume_id", "is missing");
    }
    VolumeParameters.canonical(request.getParametersMap()).keySet().stream()
        .findFirst()
        .ifPresent(key -> {
          throw ControllerRequests.unknownParameter(key);
        });
    var source = new SourceId(Origin.Kind.VOLUME, request.getSourceVolumeId());
    return CreateSnapshotResponse.newBuilder()
        .setSnapshot(ControllerReplies.snapshot(create.create(name, source, deadline)))
        .build();
  }

  void delete(DeleteSnapshotRequest request, Deadline deadline) {
    FieldSizes.check(request);
    delete.delete(required(request.getSnapshotId()), deadline);
  }

  GetSnapshotResponse get(GetSnapshotRequest request) {
    FieldSizes.check(request);
    return GetSnapshotResponse.newBuilder()
        .setSnapshot(ControllerReplies.snapshot(snapshots.get(required(request.getSnapshotId()))))
        .build();
  }

  ListSnapshotsResponse list(ListSnapshotsRequest request) {
    var page =
        snapshots.list(
            request.getSnapshotId(),
            request.getSourceVolumeId(),
            request.getStartingToken(),
            request.getMaxEntries());
    return ListSnapshotsResponse.newBuilder()
        .addAllEntries(
            page.snapshots().stream()
                .map(ControllerReplies::snapshot)
                .map(it -> ListSnapshotsResponse.Entry.newBuilder().setSnapshot(it).build())
                .toList())
        .setNextToken(page.next().map(VolumeId::value).orElse(""))
        .build();
  }

  private static String required(String id) {
    if (id.isEmpty()) {
      throw new InvalidRequest("snapshot_id", "is missing");
    }
    return id;
  }
}
