package io.juicebox.node.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a volume has on this node's disk besides its cache.
 *
 * @param home holds the others, named by the volume's id
 */
record VolumeFiles(Path home) {
  /** Where the volume is mounted. Sealed while it isn't; never removed recursively. */
  Path mountPoint() {
    return home.resolve("mount");
  }

  Path record() {
    return home.resolve("mount.json");
  }

  /** A record while it is written. */
  Path freshRecord() {
    return home.resolve("mount.json.new");
  }

  /** What the process says, and the mark that it is this volume's: its standard output. */
  Path log() {
    return home.resolve("juicefs.log");
  }

  Path olderLog() {
    return home.resolve("juicefs.log.1");
  }

  /** Removes all but the mount point, which must be gone; the record goes last. */
  void remove() throws IOException {
    Files.deleteIfExists(log());
    Files.deleteIfExists(olderLog());
    Files.deleteIfExists(freshRecord());
    Files.deleteIfExists(record());
    Files.deleteIfExists(home());
  }
}
