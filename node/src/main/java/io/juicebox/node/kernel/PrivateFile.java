package io.juicebox.node.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A small file of mode 0600 that is replaced as a whole: whoever reads it finds what was there
 * before or what is there now. While it is written it has another name beside its own.
 */
public final class PrivateFile {
  private static final String UNFINISHED = ".new";

  private PrivateFile() {}

  /** Writes the file, in place of the one that was there. It is not synced. */
  public static void replace(Path file, byte[] bytes) throws IOException {
    Path unfinished = unfinished(file);
    Files.deleteIfExists(unfinished);
    Files.createFile(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(unfinished, bytes);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes the file and what a write that was cut off has left; it may be gone. */
  public static void remove(Path file) throws IOException {
    Files.deleteIfExists(unfinished(file));
    Files.deleteIfExists(file);
  }

  private static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }
}
