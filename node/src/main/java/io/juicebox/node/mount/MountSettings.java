package io.juicebox.node.mount;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the mounts of a node need from its settings.
 *
 * @param stateDir holds a directory per volume: mount point, log and state; survives a restart
 * @param cacheDir holds a directory per volume for cached blocks, where a StorageClass names none
 * @param juicefs the program, a path or a name to look for on PATH
 * @param nodeId the hostname that JuiceFS's sessions carry, see {@link SessionHost}
 * @param filesystemTimeout how long one look at a mount may take
 */
public record MountSettings(
    Path stateDir, Path cacheDir, String juicefs, String nodeId, Duration filesystemTimeout) {}
