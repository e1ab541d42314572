package io.juicebox.controller;

import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.volume.Capability;
import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.controller.volume.CapacityRange;
import io.juicebox.controller.volume.SourceId;
import io.juicebox.controller.volume.VolumeRequest;
import io.juicebox.csi.request.FieldSizes;
import io.juicebox.csi.request.RequestFields;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeContentSource;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what the messages of the Controller service have in common; names the field in errors. */
final class ControllerRequests {
  /** The specification's list, "CreateVolumeRequest.name". */
  private static final Pattern BANNED_IN_NAMES =
      Pattern.compile("[\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]");

  private ControllerRequests() {}

  static VolumeRequest volume(CreateVolumeRequest request) {
    FieldSizes.check(request);
    String name = name(request.getName());
    if (request.hasAccessibilityRequirements()) {
      throw new InvalidRequest(
          "accessibility_requirements", "is not offered: volumes are the same everywhere");
    }
    refuseMutable(request.getMutableParamsMap());
    return new VolumeRequest(
        name,
        new CapacityRange(
            request.getCapacityRange().getRequiredBytes(),
            request.getCapacityRange().getLimitBytes()),
        capabilities(request.getVolumeCapabilitiesList()),
        request.getParametersMap(),
        request.hasVolumeContentSource()
            ? Optional.of(source(request.getVolumeContentSource()))
            : Optional.empty());
  }

  /** The name of a volume or a snapshot. */
  static String name(String name) {
    if (name.isEmpty()) {
      throw new InvalidRequest("name", "is missing");
    }
    if (BANNED_IN_NAMES.matcher(name).find()) {
      throw new InvalidRequest("name", "has a control character: " + Printable.of(name));
    }
    return name;
  }

  private static SourceId source(VolumeContentSource source) {
    var wanted =
        switch (source.getTypeCase()) {
          case SNAPSHOT -> new SourceId(Origin.Kind.SNAPSHOT, source.getSnapshot().getSnapshotId());
          case VOLUME -> new SourceId(Origin.Kind.VOLUME, source.getVolume().getVolumeId());
          case TYPE_NOT_SET ->
              throw new InvalidRequest(
                  "volume_content_source", "is neither a snapshot nor a volume");
        };
    if (wanted.id().isEmpty()) {
      throw new InvalidRequest(
          switch (wanted.kind()) {
            case SNAPSHOT -> "volume_content_source.snapshot.snapshot_id";
            case VOLUME -> "volume_content_source.volume.volume_id";
          },
          "is missing");
    }
    return wanted;
  }

  /** A VolumeSnapshotClass says nothing but what the snapshotter adds to it. */
  static InvalidRequest unknownParameter(String key) {
    return new InvalidRequest(
        "parameters", "has the unknown key %s; snapshots have none".formatted(Printable.of(key)));
  }

  static void refuseMutable(Map<String, String> mutableParameters) {
    if (!mutableParameters.isEmpty()) {
      throw new InvalidRequest("mutable_parameters", "is not offered yet");
    }
  }

  static List<Capability> capabilities(List<VolumeCapability> capabilities) {
    return capabilities.stream().map(ControllerRequests::capability).toList();
  }

  static Capability capability(VolumeCapability capability) {
    return new Capability(
        RequestFields.accessMode(capability),
        access(capability),
        capability.getMount().getFsType(),
        capability.getMount().getMountFlagsList());
  }

  private static Access access(VolumeCapability capability) {
    if (!capability.getMount().getVolumeMountGroup().isEmpty()) {
      throw new InvalidRequest("volume_capability.mount.volume_mount_group", "is not offered");
    }
    return switch (capability.getAccessTypeCase()) {
      case MOUNT -> Access.MOUNT;
      case BLOCK -> Access.BLOCK;
      case ACCESSTYPE_NOT_SET ->
          throw new InvalidRequest("volume_capability.access_type", "is missing");
    };
  }
}
