package io.juicebox.controller;

import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.VolumeHealth;
import io.juicebox.csi.spec.ControllerServiceCapability;
import io.juicebox.csi.spec.ControllerServiceCapability.RPC;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeHealth.VolumeHealthEntry;
import io.juicebox.csi.spec.VolumeHealthErrorType;

/** Renders records as the specification's messages. */
final class ControllerReplies {
  private ControllerReplies() {}

  static Volume volume(VolumeRecord volume) {
    return Volume.newBuilder()
        .setVolumeId(volume.id().value())
        .setCapacityBytes(volume.capacity().bytes())
        .putAllVolumeContext(volume.context().orElseThrow().toMap())
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
