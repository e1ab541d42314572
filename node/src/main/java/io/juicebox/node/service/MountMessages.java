package io.juicebox.node.service;

import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.MountVolumeRequest;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountRequest;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Requests and mounts as the messages have them, both ways. */
final class MountMessages {
  private MountMessages() {}

  /** What is sent of a request; the time that it has left is its timeout. */
  static MountVolumeRequest message(MountRequest request) {
    return MountVolumeRequest.newBuilder()
        .setVolumeId(request.volume().value())
        .putAllVolumeContext(request.context().toMap())
        .putAllBackend(request.backend().toKeys())
        .putAllOptions(request.options().juicefs())
        .setTimeout(Times.message(request.deadline().remaining()))
        .build();
  }

  /**
   * Reads a request.
   *
   * @throws InvalidRequest naming the field that is missing or wrong
   */
  static MountRequest request(MountVolumeRequest message) {
    VolumeContext context = VolumeContext.from(message.getVolumeContextMap());
    return new MountRequest(
        volume(message.getVolumeId()),
        context,
        BackendConnection.from("backend", message.getBackendMap()),
        options(message.getOptionsMap(), context),
        Times.deadline(message.getTimeout()));
  }

  /** The volume that a text names. */
  static VolumeId volume(String text) {
    return VolumeId.tryParse(text)
        .orElseThrow(() ->
            new InvalidRequest(
                "volume_id", "is %s, which is no volume of ours".formatted(Printable.of(text))));
  }

  static io.juicebox.mountservice.v1.Mount message(Mount mount) {
    var message =
        io.juicebox.mountservice.v1.Mount.newBuilder()
            .setVolumeId(mount.volume().value())
            .setDirectory(mount.directory().toString())
            .setDevice(mount.device())
            .setUuid(mount.uuid().toString())
            .setPid(mount.pid())
            .putAllOptions(mount.options());
    mount
        .pvc()
        .ifPresent(
            claim -> message.setClaimNamespace(claim.namespace()).setClaimName(claim.name()));
    return message.build();
  }

  /**
   * Reads what a service answered.
   *
   * @throws Failed when it is no mount
   */
  static Mount mount(io.juicebox.mountservice.v1.Mount message) {
    try {
      return new Mount(
          new VolumeId(message.getVolumeId()),
          Path.of(message.getDirectory()),
          message.getDevice(),
          UUID.fromString(message.getUuid()),
          message.getPid(),
          Collections.unmodifiableSortedMap(new TreeMap<>(message.getOptionsMap())),
          claim(message));
    } catch (IllegalArgumentException e) {
      throw new Failed("the mount service answered what is no mount: " + e.getMessage(), e);
    }
  }

  private static Optional<PvcName> claim(io.juicebox.mountservice.v1.Mount message) {
    return message.getClaimName().isEmpty()
        ? Optional.empty()
        : Optional.of(new PvcName(message.getClaimNamespace(), message.getClaimName()));
  }

  /** Checks them once more, by the rules of a PersistentVolume: they become a command line. */
  private static MountOptions options(Map<String, String> options, VolumeContext context) {
    var flags =
        options.entrySet().stream()
            .map(option ->
                option.getValue().isEmpty()
                    ? option.getKey()
                    : option.getKey() + "=" + option.getValue())
            .toList();
    return MountOptions.from(flags, context.mount().allowWriteback());
  }
}
