package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a volume has on this node's disk besides its cache.
 *
 * @param home holds the others, named by the volume's id
 */
record VolumeFiles(Path home) {
  VolumeId volume() {
    return new VolumeId(String.valueOf(home.getFileName()));
  }

  /** Where the volume is mounted. Sealed while it isn't; never removed recursively. */
  Path mountPoint() {
    return home.resolve("mount");
  }

  Path record() {
    return home.resolve("mount.json");
  }

  /**
   * Names the cache, which may lie anywhere, in a way that is there whole or not at all: a record
   * that can't be read any more names nothing.
   */
  private Path cacheLink() {
    return home.resolve("cache");
  }

  void linkCache(Path cache) throws IOException {
    Files.deleteIfExists(cacheLink());
    Files.createSymbolicLink(cacheLink(), cache);
  }

  /** Where the link leads; whatever else may be named there is not this volume's. */
  Optional<Path> linkedCache() {
    try {
      Path cache = Files.readSymbolicLink(cacheLink());
      return Optional.of(cache).filter(path -> path.endsWith(home.getFileName()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What the process says, and the mark that it is this volume's: its standard output. */
  Path log() {
    return home.resolve("juicefs.log");
  }

  Path olderLog() {
    return home.resolve("juicefs.log.1");
  }

  /** The socket at which the process gets and puts its FUSE descriptor; few bytes fit. */
  Path descriptorSocket() {
    return home.resolve("fd");
  }

  /** What the kernel said when the mount began; each process of it must know. */
  Path init() {
    return home.resolve("init");
  }

  /** What a process that left in order has left for its successor. */
  Path state() {
    return home.resolve("state.json");
  }

  /** Where juicefs keeps a state that it has read. */
  private Path usedState() {
    return home.resolve("state.json.bak");
  }

  /** Nothing that a process left may be read by another than the next. */
  void removeStates() throws IOException {
    Files.deleteIfExists(state());
    Files.deleteIfExists(usedState());
  }

  /** Removes all but the mount point, which must be gone; the record goes last. */
  void remove() throws IOException {
    Files.deleteIfExists(log());
    Files.deleteIfExists(olderLog());
    removeStates();
    PrivateFile.remove(init());
    Files.deleteIfExists(descriptorSocket());
    Files.deleteIfExists(cacheLink());
    PrivateFile.remove(record());
    Files.deleteIfExists(home());
  }
}
