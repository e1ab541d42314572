package io.juicebox.csi.volume;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a mount of a volume is started with. The controller takes it from the StorageClass and the
 * volume context carries it to the node.
 *
 * @param cacheSize bytes of disk that the node's block cache of this volume may take
 * @param cacheDir where the cache's own directory is made, the node's setting when empty
 * @param bufferSize bytes of memory for reads and writes under way
 * @param memoryLimit bytes of memory for the juicefs process, no limit when empty
 * @param uploadLimit Mbit/s to the object store, no limit when empty
 * @param downloadLimit Mbit/s from the object store, no limit when empty
 * @param allowWriteback whether the mount option {@code writeback} is accepted: it may lose data
 */
public record MountParameters(
    long cacheSize,
    Optional<Path> cacheDir,
    long bufferSize,
    OptionalLong memoryLimit,
    OptionalLong uploadLimit,
    OptionalLong downloadLimit,
    boolean allowWriteback) {}
