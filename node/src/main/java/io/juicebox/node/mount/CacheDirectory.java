package io.juicebox.node.mount;

import io.juicebox.node.kernel.MountTable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of one volume's cached blocks. */
record CacheDirectory(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(CacheDirectory.class);

  /** Where JuiceFS keeps, under the filesystem's UUID, blocks that it has not uploaded yet. */
  private static final String STAGED = "rawstaging";

  void create() throws IOException {
    Files.createDirectories(path.getParent());
    if (Files.notExists(path)) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /**
   * Removes it with all in it; it may be gone. It stays when it holds the only copy of data: with
   * the mount option writeback, blocks wait here for their upload. It stays, too, when something is
   * mounted in it, whose files would go with it.
   */
  void remove(MountTable table) throws IOException {
    if (Files.notExists(path)) {
      return;
    }
    if (table.isMountedIn(path.toRealPath())) {
      LOG.warn("{} stays: something is mounted in it", path);
      return;
    }
    if (holdsStagedBlocks()) {
      LOG.warn(
          "{} stays: it holds blocks that are not uploaded; the next mount uploads them", path);
      return;
    }
    Files.walkFileTree(path, new Removal());
  }

  private boolean holdsStagedBlocks() throws IOException {
    try (Stream<Path> filesystems = Files.list(path)) {
      for (Path filesystem : filesystems.toList()) {
        if (Files.isDirectory(filesystem) && holdsFile(filesystem.resolve(STAGED))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean holdsFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.anyMatch(Files::isRegularFile);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
