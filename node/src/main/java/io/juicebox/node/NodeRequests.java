package io.juicebox.node;

import com.google.protobuf.Message;
import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.request.FieldSizes;
import io.juicebox.csi.request.RequestFields;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.publish.Arguments;
import io.juicebox.node.publish.MountGroup;
import io.juicebox.node.publish.PublishRequest;
import io.juicebox.node.publish.TargetPath;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads requests of the Node service; what is wrong in one is INVALID_ARGUMENT naming the field.
 */
final class NodeRequests {
  /** What CreateVolume and tools call a filesystem of ours; a CO may also leave it open. */
  private static final Set<String> FILESYSTEM_TYPES = Set.of("", "juicefs", "fuse.juicefs");

  private NodeRequests() {}

  /**
   * @param credentials of volumes, for a call that brings none
   */
  static PublishRequest publish(
      NodePublishVolumeRequest request, Optional<CredentialDirectory> credentials) {
    FieldSizes.check(request);
    String id = RequestFields.volumeId(request.getVolumeId());
    var target = TargetPath.parse("target_path", request.getTargetPath());
    if (!request.hasVolumeCapability()) {
      throw new InvalidRequest("volume_capability", "is missing");
    }
    AccessMode mode = mode(request.getVolumeCapability());
    VolumeId volume = VolumeId.tryParse(id).orElseThrow(() -> NotFound.volume(id));
    var context = VolumeContext.from(request.getVolumeContextMap());
    checkOwn(volume, context);
    var options =
        MountOptions.from(
            request.getVolumeCapability().getMount().getMountFlagsList(),
            context.mount().allowWriteback());
    return new PublishRequest(
        volume,
        target,
        new Arguments(
            mode,
            request.getReadonly(),
            options,
            context,
            group(request.getVolumeCapability().getMount())),
        backend(volume, request.getSecretsMap(), credentials));
  }

  private static BackendConnection backend(
      VolumeId volume, Map<String, String> secrets, Optional<CredentialDirectory> credentials) {
    if (!secrets.isEmpty() || credentials.isEmpty()) {
      return BackendConnection.from("secrets", secrets);
    }
    var kept =
        credentials
            .get()
            .find(volume)
            .orElseThrow(() ->
                new NotFound(
                    "volume %s does not exist: the call brings no secrets, and CREDENTIALS_DIR has none"
                        .formatted(volume)));
    return BackendConnection.from("the credentials of " + volume, kept);
  }

  /**
   * The metadata prove that they belong to the context, and the volume's own keys that it belongs
   * to the volume. With shared keys this is all that does.
   */
  private static void checkOwn(VolumeId volume, VolumeContext context) {
    if (!context.isOf(volume)) {
      throw new NotFound(
          "volume %s does not exist: volume_context is that of %s"
              .formatted(
                  volume,
                  context.copy().map(VolumeId::value).orElseGet(() -> context.lineage().value())));
    }
  }

  /** The id in a call's volume_id, or empty when that can't be one of ours. */
  static Optional<VolumeId> volume(Message call, String volumeId) {
    FieldSizes.check(call);
    return VolumeId.tryParse(RequestFields.volumeId(volumeId));
  }

  private static AccessMode mode(VolumeCapability capability) {
    switch (capability.getAccessTypeCase()) {
      case BLOCK ->
          throw new InvalidRequest(
              "volume_capability.block", "is not offered: volumes are filesystems");
      case ACCESSTYPE_NOT_SET ->
          throw new InvalidRequest("volume_capability.access_type", "is missing");
      case MOUNT -> checkMount(capability.getMount());
    }
    return RequestFields.accessMode(capability);
  }

  private static void checkMount(VolumeCapability.MountVolume mount) {
    if (!FILESYSTEM_TYPES.contains(mount.getFsType())) {
      throw new InvalidRequest(
          "volume_capability.mount.fs_type",
          "is %s; leave it empty or say juicefs".formatted(Printable.of(mount.getFsType())));
    }
  }

  private static Optional<MountGroup> group(VolumeCapability.MountVolume mount) {
    String text = mount.getVolumeMountGroup();
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(MountGroup.parse("volume_capability.mount.volume_mount_group", text));
  }
}
