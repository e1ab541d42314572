package io.juicebox.test.twice;

import io.juicebox.csi.spec.ControllerExpandVolumeResponse;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.ControllerGetVolumeResponse;
import io.juicebox.csi.spec.CreateSnapshotResponse;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.csi.spec.DeleteSnapshotResponse;
import io.juicebox.csi.spec.DeleteVolumeResponse;
import io.juicebox.csi.spec.GetSnapshotRequest;
import io.juicebox.csi.spec.GetSnapshotResponse;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsResponse;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeResponse;
import io.juicebox.csi.spec.NodeUnpublishVolumeResponse;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesResponse;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.LocalStack;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One volume that calls are made on, a snapshot of it and copies of both. Its calls go to whichever
 * program runs at that moment, so they can be made again after a kill.
 */
final class Subject {
  static final long MIB = 1L << 20;
  static final long BYTES = 64 * MIB;
  static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  private final LocalStack stack;
  private final String name;
  private final Map<String, String> parameters;
  private final Volume nobody;
  private final Volume another;
  private volatile Volume volume;
  private volatile Snapshot snapshot;

  /** Made of the volume or of its snapshot; empty until then. */
  private volatile Optional<Volume> copy = Optional.empty();

  /**
   * @param nobody what calls say until the volume was created: an id and a context of no volume
   * @param another volume, that is there
   */
  Subject(
      LocalStack stack,
      String name,
      Map<String, String> parameters,
      Volume nobody,
      Volume another) {
    this.stack = stack;
    this.name = name;
    this.parameters = parameters;
    this.nobody = nobody;
    this.another = another;
    this.volume = nobody;
    this.snapshot = Snapshot.newBuilder().setSnapshotId(nobody.getVolumeId()).build();
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

  /** From now on calls are made on this id of a snapshot. */
  void foundSnapshot(String id) {
    snapshot = snapshot.toBuilder().setSnapshotId(id).build();
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

  CreateSnapshotResponse snapshot() {
    return snapshot(volume);
  }

  /** The same name for a snapshot of another volume. */
  CreateSnapshotResponse snapshotOfAnother() {
    return snapshot(another);
  }

  private CreateSnapshotResponse snapshot(Volume source) {
    var request = Requests.snapshot(name + "-snap", source);
    var answer = stack.controller().client().controller().createSnapshot(request);
    snapshot = answer.getSnapshot();
    return answer;
  }

  DeleteSnapshotResponse deleteSnapshot() {
    return stack.controller().client().controller().deleteSnapshot(Requests.delete(snapshot));
  }

  GetSnapshotResponse getSnapshot() {
    var request = GetSnapshotRequest.newBuilder().setSnapshotId(snapshot.getSnapshotId()).build();
    return stack.controller().client().controller().getSnapshot(request);
  }

  /** Another volume, made of this one. */
  CreateVolumeResponse copy(long bytes) {
    return copied(Requests.from(name + "-copy", volume, MODE), bytes);
  }

  /** Another volume, made of the snapshot. */
  CreateVolumeResponse restore(long bytes) {
    return copied(Requests.from(name + "-copy", snapshot, MODE), bytes);
  }

  private CreateVolumeResponse copied(CreateVolumeRequest from, long bytes) {
    var request = from.toBuilder().setCapacityRange(Requests.atLeast(bytes)).build();
    var answer = stack.controller().client().controller().createVolume(request);
    copy = Optional.of(answer.getVolume());
    return answer;
  }

  /** The copy as a subject of its own, once there was one. */
  Optional<Subject> copied() {
    return copy.map(made -> {
      var subject = new Subject(stack, name + "-copy", Map.of(), nobody, another);
      subject.volume = made;
      return subject;
    });
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
