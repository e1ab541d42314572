package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A short-named temporary directory of this JVM for servers and mounts, removed with {@linkplain
 * Remains everything in it} at {@link #close} or the JVM's end. What an earlier JVM left because it
 * was killed is removed when the next one asks for a directory.
 */
public final class TestDirectory implements AutoCloseable {
  private static final Path PARENT = Path.of("/tmp/juicebox-test");
  private static final String OWNER = "owner";

  private final Path path;
  private final Thread atExit;

  private TestDirectory(Path path) {
    this.path = path;
    this.atExit = new Thread(() -> remove(path), "remove " + path.getFileName());
  }

  public static TestDirectory create(String name) {
    try {
      Files.createDirectories(PARENT);
      removeOrphans();
      var directory = new TestDirectory(createDirectory(name));
      ProcessMark.ofThisProcess().write(directory.path.resolve(OWNER));
      Runtime.getRuntime().addShutdownHook(directory.atExit);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path createDirectory(String name) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    while (true) {
      try {
        return Files.createTempDirectory(PARENT, name + "-", mode);
      } catch (NoSuchFileException e) {
        // Another JVM has just removed the empty parent.
        Files.createDirectories(PARENT);
      }
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    remove(path);
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs, and finds nothing.
    }
  }

  private static void remove(Path path) {
    Remains.remove(path);
    try {
      Files.deleteIfExists(PARENT);
    } catch (DirectoryNotEmptyException e) {
      // Others have theirs.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A directory whose owner isn't recorded yet is being created by somebody right now: it stays.
   */
  private static void removeOrphans() throws IOException {
    try (var directories = Files.newDirectoryStream(PARENT)) {
      for (var directory : directories) {
        ProcessMark.read(directory.resolve(OWNER))
            .filter(owner -> !owner.isAlive())
            .ifPresent(owner -> removeOrphan(directory));
      }
    } catch (NoSuchFileException e) {
      // Another JVM has just removed the empty parent.
    }
  }

  private static void removeOrphan(Path directory) {
    try {
      Remains.remove(directory);
    } catch (UncheckedIOException e) {
      // Another JVM is removing it too; what is left goes with the next directory that is created.
    }
  }
}
