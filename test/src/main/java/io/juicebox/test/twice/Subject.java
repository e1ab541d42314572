package io.juicebox.test.twice;

import io.juicebox.csi.spec.ControllerExpandVolumeResponse;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.ControllerGetVolumeResponse;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.csi.spec.DeleteVolumeResponse;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsResponse;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeResponse;
import io.juicebox.csi.spec.NodeUnpublishVolumeResponse;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesResponse;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.LocalStack;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * One volume that calls are made on. Its calls go to whichever program runs at that moment, so they
 * can be made again after a kill.
 */
final class Subject {
  static final long MIB = 1L << 20;
  static final long BYTES = 64 * MIB;
  static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  private final LocalStack stack;
  private final String name;
  private final Map<String, String> parameters;
  private volatile Volume volume;

  /**
   * @param volume what calls say until the volume was created: an id and a context of no volume
   */
  Subject(LocalStack stack, String name, Map<String, String> parameters, Volume volume) {
    this.stack = stack;
    this.name = name;
    this.parameters = parameters;
    this.volume = volume;
  }

  String name() {
    return name;
  }

  String id() {
    return volume.getVolumeId();
  }

  Volume volume() {
    return volume;
  }

  /** From now on calls are made on this id. */
  void found(String id) {
    volume = volume.toBuilder().setVolumeId(id).build();
  }

  CreateVolumeResponse create(long bytes) {
    var request = Requests.create(name, bytes, MODE).toBuilder().putAllParameters(parameters);
    var answer = stack.controller().client().controller().createVolume(request.build());
    volume = answer.getVolume();
    return answer;
  }

  CreateVolumeResponse create() {
    return create(BYTES);
  }

  DeleteVolumeResponse delete() {
    return stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  ControllerExpandVolumeResponse expand(long bytes) {
    var request = Requests.expand(volume, bytes);
    return stack.controller().client().controller().controllerExpandVolume(request);
  }

  ControllerGetVolumeResponse get() {
    var request = ControllerGetVolumeRequest.newBuilder().setVolumeId(id()).build();
    return stack.controller().client().controller().controllerGetVolume(request);
  }

  ValidateVolumeCapabilitiesResponse validate() {
    var request =
        ValidateVolumeCapabilitiesRequest.newBuilder()
            .setVolumeId(id())
            .addVolumeCapabilities(Requests.capability(MODE))
            .build();
    return stack.controller().client().controller().validateVolumeCapabilities(request);
  }

  NodePublishVolumeResponse publish() {
    return publish(target(), MODE, request -> request);
  }

  NodePublishVolumeResponse publish(
      Path target, Mode mode, UnaryOperator<NodePublishVolumeRequest.Builder> change) {
    var request = Requests.publish(volume, target, mode, stack.secrets()).toBuilder();
    request.getVolumeCapabilityBuilder().getMountBuilder().setVolumeMountGroup("2000");
    return stack.node().client().node().nodePublishVolume(change.apply(request).build());
  }

  NodeUnpublishVolumeResponse unpublish() {
    return unpublish(target());
  }

  NodeUnpublishVolumeResponse unpublish(Path target) {
    return stack.node().client().node().nodeUnpublishVolume(Requests.unpublish(volume, target));
  }

  NodeGetVolumeStatsResponse stats() {
    var request =
        NodeGetVolumeStatsRequest.newBuilder()
            .setVolumeId(id())
            .setVolumePath(target().toString())
            .build();
    return stack.node().client().node().nodeGetVolumeStats(request);
  }

  /** Where it is published first. */
  Path target() {
    return stack.target(name + "-target");
  }

  /** One of several other targets. */
  Path target(int another) {
    return stack.target(name + "-target-" + another);
  }
}
