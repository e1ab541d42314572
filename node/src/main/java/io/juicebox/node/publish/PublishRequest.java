package io.juicebox.node.publish;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;

/** A NodePublishVolume call. */
public record PublishRequest(
    VolumeId volume, TargetPath target, Arguments arguments, BackendConnection backend) {}
