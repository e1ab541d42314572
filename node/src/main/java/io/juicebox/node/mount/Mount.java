package io.juicebox.node.mount;

import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * The FUSE mount of a volume.
 *
 * @param directory where it is mounted; touch it through {@code BoundedCalls} only
 * @param device {@code major:minor} of the filesystem, which the bind mounts made from it have too
 * @param uuid the filesystem's id as it proved it
 * @param pid the juicefs process
 * @param options the JuiceFS options of the PersistentVolume that the process was started with
 * @param pvc what the volume was made for, where that is known
 */
public record Mount(
    VolumeId volume,
    Path directory,
    String device,
    UUID uuid,
    long pid,
    SortedMap<String, String> options,
    Optional<PvcName> pvc) {}
