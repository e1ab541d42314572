package io.juicebox.node.mount;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;

/**
 * What is needed to mount a volume: which one, where its data is, with which keys.
 *
 * @param doubt asked when the mount takes long or its process ends; throws what is wrong with the
 *     volume's servers, which then is why the mount failed
 */
public record MountRequest(
    VolumeId volume,
    VolumeContext context,
    BackendConnection backend,
    MountOptions options,
    Deadline deadline,
    Runnable doubt) {}
