package io.juicebox.node.mount;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the mounts of a node need from its settings.
 *
 * @param stateDir holds a directory per volume: mount point, log and state; survives a restart
 * @param cacheDir holds a directory per volume for cached blocks, where a StorageClass names none
 * @param runDir holds the keys and certificates of each mount; in memory (tmpfs), gone with the
 *     boot
 * @param juicefs the program, a path or a name to look for on PATH
 * @param nodeId the hostname that JuiceFS's sessions carry, see {@link SessionHost}
 * @param filesystemTimeout how long one look at a mount may take
 * @param memoryLimit bytes of memory for a juicefs process whose StorageClass names no limit
 * @param reviveFor how long a process that ended is tried to be replaced, until programs that wait
 *     for it get an error
 * @param hungAfter how long a process may not answer, although its Redis does, until it is replaced
 */
public record MountSettings(
    Path stateDir,
    Path cacheDir,
    Path runDir,
    String juicefs,
    String nodeId,
    Duration filesystemTimeout,
    long memoryLimit,
    Duration reviveFor,
    Duration hungAfter) {

  /**
   * A name for what is this program's alone on this machine, the same after a restart: several with
   * one node id are told apart by their state.
   */
  String owner() {
    return "%s-%08x".formatted(nodeId, stateDir.toAbsolutePath().toString().hashCode());
  }
}
