package io.juicebox.node.kernel;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A directory of mode 0700: what lies in it nobody but its owner can reach. */
public final class PrivateDirectory {
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private PrivateDirectory() {}

  /**
   * Makes it, and the directories that lead to it with the usual mode. One that is there becomes
   * private.
   *
   * @return its path without symbolic links
   */
  public static Path make(Path path) throws IOException {
    if (Files.notExists(path)) {
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      create(path);
    }
    return Files.setPosixFilePermissions(path, OWNERS).toRealPath();
  }

  private static void create(Path path) throws IOException {
    try {
      Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OWNERS));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(path)) { // else another program was quicker
        throw e;
      }
    }
  }
}
