package io.juicebox.node;

import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.publish.Arguments;
import io.juicebox.node.publish.PublishRequest;
import io.juicebox.node.publish.TargetPath;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads requests of the Node service; what is wrong in one is INVALID_ARGUMENT naming the field.
 */
final class NodeRequests {
  /** The specification's general size limits, in bytes. */
  private static final int LONGEST_TEXT = 128;

  private static final int LARGEST_MAP = 4096;

  /** What CreateVolume and tools call a filesystem of ours; a CO may also leave it open. */
  private static final Set<String> FILESYSTEM_TYPES = Set.of("", "juicefs", "fuse.juicefs");

  private NodeRequests() {}

  static PublishRequest publish(NodePublishVolumeRequest request) {
    String id = idText(request.getVolumeId());
    var target = TargetPath.parse("target_path", request.getTargetPath());
    if (!request.hasVolumeCapability()) {
      throw new InvalidRequest("volume_capability", "is required");
    }
    checkSizes(request);
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
        new Arguments(mode, request.getReadonly(), options, context),
        BackendConnection.from("secrets", request.getSecretsMap()));
  }

  /**
   * The metadata prove that they belong to the context; only this proves that the context belongs
   * to the volume. A lineage has one volume as long as there are no forks.
   */
  private static void checkOwn(VolumeId volume, VolumeContext context) {
    if (!context.lineage().equals(Lineage.startedBy(volume))) {
      throw new NotFound(
          "volume %s does not exist: volume_context is that of %s"
              .formatted(volume, context.lineage()));
    }
  }

  /** A volume's id, or empty when the text can't be one of ours. */
  static Optional<VolumeId> volume(String text) {
    return VolumeId.tryParse(idText(text));
  }

  private static String idText(String text) {
    if (text.isEmpty()) {
      throw new InvalidRequest("volume_id", "is required");
    }
    if (bytes(text) > LONGEST_TEXT) {
      throw new InvalidRequest("volume_id", "is longer than %d bytes".formatted(LONGEST_TEXT));
    }
    return text;
  }

  private static AccessMode mode(VolumeCapability capability) {
    switch (capability.getAccessTypeCase()) {
      case BLOCK ->
          throw new InvalidRequest(
              "volume_capability.block", "is not offered: volumes are filesystems");
      case ACCESSTYPE_NOT_SET ->
          throw new InvalidRequest("volume_capability.access_type", "is required");
      case MOUNT -> checkMount(capability.getMount());
    }
    return switch (capability.getAccessMode().getMode()) {
      case SINGLE_NODE_WRITER -> AccessMode.SINGLE_NODE_WRITER;
      case SINGLE_NODE_READER_ONLY -> AccessMode.SINGLE_NODE_READER_ONLY;
      case SINGLE_NODE_SINGLE_WRITER -> AccessMode.SINGLE_NODE_SINGLE_WRITER;
      case SINGLE_NODE_MULTI_WRITER -> AccessMode.SINGLE_NODE_MULTI_WRITER;
      case MULTI_NODE_READER_ONLY -> AccessMode.MULTI_NODE_READER_ONLY;
      case MULTI_NODE_SINGLE_WRITER -> AccessMode.MULTI_NODE_SINGLE_WRITER;
      case MULTI_NODE_MULTI_WRITER -> AccessMode.MULTI_NODE_MULTI_WRITER;
      case UNKNOWN -> throw new InvalidRequest("volume_capability.access_mode", "is required");
      case UNRECOGNIZED ->
          throw new InvalidRequest("volume_capability.access_mode", "is unknown to this driver");
    };
  }

  private static void checkMount(VolumeCapability.MountVolume mount) {
    if (!FILESYSTEM_TYPES.contains(mount.getFsType())) {
      throw new InvalidRequest(
          "volume_capability.mount.fs_type",
          "is %s; leave it empty or say juicefs".formatted(Printable.of(mount.getFsType())));
    }
    if (!mount.getVolumeMountGroup().isEmpty()) {
      throw new InvalidRequest("volume_capability.mount.volume_mount_group", "is not offered");
    }
    if (size(mount.getMountFlagsList()) > LARGEST_MAP) {
      throw tooLarge("volume_capability.mount.mount_flags");
    }
  }

  private static void checkSizes(NodePublishVolumeRequest request) {
    Map.of(
            "publish_context", request.getPublishContextMap(),
            "volume_context", request.getVolumeContextMap(),
            "secrets", request.getSecretsMap())
        .forEach((field, map) -> {
          if (size(map.keySet()) + size(map.values()) > LARGEST_MAP) {
            throw tooLarge(field);
          }
        });
  }

  private static InvalidRequest tooLarge(String field) {
    return new InvalidRequest(field, "is larger than %d bytes".formatted(LARGEST_MAP));
  }

  private static int size(Collection<String> texts) {
    return texts.stream().mapToInt(NodeRequests::bytes).sum();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
