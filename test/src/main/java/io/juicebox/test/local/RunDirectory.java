package io.juicebox.test.local;

import io.juicebox.test.server.Remains;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Where {@code make up} keeps its stack: {@code .run} of the working copy, or, where that path is
 * too long for unix sockets, a short directory under /tmp that {@code .run} is then a symbolic link
 * to.
 */
final class RunDirectory {
  private static final String PRIVATE = "rwx------";

  private final Path link;

  private RunDirectory(Path link) {
    this.link = link;
  }

  static RunDirectory ofWorkingCopy() {
    return Tools.repository()
        .map(root -> new RunDirectory(root.resolve(".run")))
        .orElseThrow(() -> new IllegalStateException("not inside a working copy of Juicebox"));
  }

  /** Its path as people know it. */
  Path path() {
    return link;
  }

  /** The directory itself, if there is one. */
  Optional<Path> existing() {
    try {
      return Files.exists(link) ? Optional.of(link.toRealPath()) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates it, empty. */
  Path create() {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE));
    try {
      if (LocalStack.isShortEnough(link)) {
        return Files.createDirectory(link, mode);
      }
      var directory = Files.createTempDirectory(Path.of("/tmp"), "juicebox-", mode);
      Files.createSymbolicLink(link, directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes it with everything that runs in it; whether there was anything. */
  boolean remove() {
    if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    existing().ifPresent(Remains::remove);
    try {
      Files.deleteIfExists(link);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }
}
