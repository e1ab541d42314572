package io.juicebox.test.client;

import io.juicebox.csi.spec.CapacityRange;
import io.juicebox.csi.spec.ControllerExpandVolumeRequest;
import io.juicebox.csi.spec.CreateSnapshotRequest;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.DeleteSnapshotRequest;
import io.juicebox.csi.spec.DeleteVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodeUnpublishVolumeRequest;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.csi.spec.VolumeContentSource;
import io.juicebox.csi.spec.VolumeContentSource.SnapshotSource;
import io.juicebox.csi.spec.VolumeContentSource.VolumeSource;
import java.nio.file.Path;
import java.util.Map;

/**
 * The usual form of the requests that tests send; change it with the builders where a test needs
 * another.
 */
public final class Requests {
  private Requests() {}

  /** A mount volume's capability, without file system type and mount flags. */
  public static VolumeCapability capability(Mode mode) {
    return VolumeCapability.newBuilder()
        .setMount(VolumeCapability.MountVolume.getDefaultInstance())
        .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(mode))
        .build();
  }

  public static CapacityRange atLeast(long bytes) {
    return CapacityRange.newBuilder().setRequiredBytes(bytes).build();
  }

  public static CreateVolumeRequest create(String name, long bytes, Mode mode) {
    return CreateVolumeRequest.newBuilder()
        .setName(name)
        .setCapacityRange(atLeast(bytes))
        .addVolumeCapabilities(capability(mode))
        .build();
  }

  /** A volume of the snapshot's capacity with what that holds. */
  public static CreateVolumeRequest from(String name, Snapshot source, Mode mode) {
    var snapshot = SnapshotSource.newBuilder().setSnapshotId(source.getSnapshotId());
    return from(name, VolumeContentSource.newBuilder().setSnapshot(snapshot), mode);
  }

  /** A volume of another one's capacity with what that has now. */
  public static CreateVolumeRequest from(String name, Volume source, Mode mode) {
    var volume = VolumeSource.newBuilder().setVolumeId(source.getVolumeId());
    return from(name, VolumeContentSource.newBuilder().setVolume(volume), mode);
  }

  private static CreateVolumeRequest from(
      String name, VolumeContentSource.Builder source, Mode mode) {
    return CreateVolumeRequest.newBuilder()
        .setName(name)
        .addVolumeCapabilities(capability(mode))
        .setVolumeContentSource(source)
        .build();
  }

  public static CreateSnapshotRequest snapshot(String name, Volume source) {
    return CreateSnapshotRequest.newBuilder()
        .setName(name)
        .setSourceVolumeId(source.getVolumeId())
        .build();
  }

  public static NodePublishVolumeRequest publish(
      Volume volume, Path target, Mode mode, Map<String, String> secrets) {
    return NodePublishVolumeRequest.newBuilder()
        .setVolumeId(volume.getVolumeId())
        .putAllVolumeContext(volume.getVolumeContextMap())
        .setTargetPath(target.toString())
        .setVolumeCapability(capability(mode))
        .putAllSecrets(secrets)
        .build();
  }

  public static NodeUnpublishVolumeRequest unpublish(Volume volume, Path target) {
    return NodeUnpublishVolumeRequest.newBuilder()
        .setVolumeId(volume.getVolumeId())
        .setTargetPath(target.toString())
        .build();
  }

  public static ControllerExpandVolumeRequest expand(Volume volume, long bytes) {
    return ControllerExpandVolumeRequest.newBuilder()
        .setVolumeId(volume.getVolumeId())
        .setCapacityRange(atLeast(bytes))
        .build();
  }

  public static DeleteVolumeRequest delete(Volume volume) {
    return DeleteVolumeRequest.newBuilder().setVolumeId(volume.getVolumeId()).build();
  }

  public static DeleteSnapshotRequest delete(Snapshot snapshot) {
    return DeleteSnapshotRequest.newBuilder().setSnapshotId(snapshot.getSnapshotId()).build();
  }
}
