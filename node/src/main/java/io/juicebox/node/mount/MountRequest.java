package io.juicebox.node.mount;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;

/** What is needed to mount a volume: which one, where its data is, with which keys. */
public record MountRequest(
    VolumeId volume,
    VolumeContext context,
    BackendConnection backend,
    MountOptions options,
    Deadline deadline) {}
