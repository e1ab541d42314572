package io.juicebox.controller;

import com.google.protobuf.Timestamp;
import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.VolumeHealth;
import io.juicebox.csi.spec.ControllerServiceCapability;
import io.juicebox.csi.spec.ControllerServiceCapability.RPC;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeContentSource;
import io.juicebox.csi.spec.VolumeHealth.VolumeHealthEntry;
import io.juicebox.csi.spec.VolumeHealthErrorType;
import java.time.Instant;

/** Renders records as the specification's messages. */
final class ControllerReplies {
  private ControllerReplies() {}

  static Volume volume(VolumeRecord volume) {
    var reply =
        Volume.newBuilder()
            .setVolumeId(volume.id().value())
            .setCapacityBytes(volume.capacity().bytes())
            .putAllVolumeContext(volume.context().orElseThrow().toMap());
    volume.origin().map(ControllerReplies::source).ifPresent(reply::setContentSource);
    return reply.build();
  }

  private static VolumeContentSource source(Origin origin) {
    var source = VolumeContentSource.newBuilder();
    switch (origin.kind()) {
      case VOLUME -> source.getVolumeBuilder().setVolumeId(origin.id().value());
      case SNAPSHOT -> source.getSnapshotBuilder().setSnapshotId(origin.id().value());
    }
    return source.build();
  }

  static Snapshot snapshot(SnapshotRecord snapshot) {
    Instant created = snapshot.created().orElseThrow();
    return Snapshot.newBuilder()
        .setSnapshotId(snapshot.id().value())
        .setSourceVolumeId(snapshot.source().value())
        .setSizeBytes(snapshot.capacity().bytes())
        .setCreationTime(
            Timestamp.newBuilder().setSeconds(created.getEpochSecond()).setNanos(created.getNano()))
        .setReadyToUse(true)
        .build();
  }

  static io.juicebox.csi.spec.VolumeHealth health(VolumeHealth health) {
    var reply = io.juicebox.csi.spec.VolumeHealth.newBuilder().setVolumeId(health.volume().value());
    for (VolumeHealth.Condition condition : health.conditions()) {
      reply.addHealthStatuses(
          VolumeHealthEntry.newBuilder()
              .setStatus(
                  switch (condition.cause().state()) {
                    case DEGRADED -> VolumeHealthErrorType.DEGRADED;
                    case INACCESSIBLE -> VolumeHealthErrorType.INACCESSIBLE;
                    case DATA_LOSS -> VolumeHealthErrorType.DATA_LOSS;
                  })
              .setReason(condition.cause().reason())
              .setMessage("since %s: %s".formatted(condition.since(), condition.message())));
    }
    return reply.build();
  }

  static ControllerServiceCapability capability(RPC.Type type) {
    return ControllerServiceCapability.newBuilder().setRpc(RPC.newBuilder().setType(type)).build();
  }
}
