package io.juicebox.test.server;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Removes everything that lives in a directory: processes that were started there (or one level
 * below) or name it on their command line, mounts below it, files. May be called again at any
 * point.
 */
public final class Remains {
  private Remains() {}

  /** Removes the directory and all that lives in it; does nothing if there is nothing. */
  public static void remove(Path directory) {
    var cgroups = cgroups(directory);
    // Programs first: a node plugin that lives would mount again.
    stopRecorded(directory);
    mountsBelow(directory).forEach(Remains::unmount);
    killUsers(directory);
    mountsBelow(directory).forEach(Remains::unmount);
    cgroups.forEach(MemoryCgroups::remove);
    delete(directory);
  }

  /**
   * The pids of processes, other than this JVM, whose command line names a path in the directory or
   * whose output goes to a file there. JuiceFS cuts its command line to hide passwords, so that the
   * output is all that tells where it belongs.
   */
  public static List<Long> processesNaming(Path directory) {
    var users = new ArrayList<Long>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var process : processes) {
        var pid = Long.parseLong(process.getFileName().toString());
        if (pid != ProcessHandle.current().pid() && names(process, directory)) {
          users.add(pid);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return users;
  }

  /** The mount points below the directory, the newest first. */
  public static List<Path> mountsBelow(Path directory) {
    try {
      var points =
          Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
              .map(line -> Path.of(unescape(line.split(" ", -1)[4])))
              .filter(point -> point.startsWith(directory))
              .toList();
      return points.reversed();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those that the programs of a directory have made, the inner ones first. */
  private static List<Path> cgroups(Path directory) {
    return processesNaming(directory).stream()
        .flatMap(pid -> MemoryCgroups.around(pid).stream())
        .distinct()
        .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
        .toList();
  }

  private static boolean names(Path process, Path directory) {
    try {
      var arguments = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      return Stream.of(arguments.split("\0", -1))
              .flatMap(argument -> Stream.of(argument.split("[=,:]", -1)))
              .anyMatch(
                  word -> word.equals(directory.toString()) || word.startsWith(directory + "/"))
          || Files.readSymbolicLink(process.resolve("fd/1")).startsWith(directory);
    } catch (IOException e) {
      return false;
    }
  }

  private static void stopRecorded(Path directory) {
    var mounts = Set.copyOf(mountsBelow(directory));
    recorded(directory).forEach(RunningProgram::kill);
    children(directory, "*").stream()
        .filter(child -> !mounts.contains(child) && Files.isDirectory(child, NOFOLLOW_LINKS))
        .flatMap(child -> recorded(child).stream())
        .forEach(RunningProgram::kill);
  }

  private static List<RunningProgram> recorded(Path directory) {
    return children(directory, "*" + RunningProgram.MARK).stream()
        .map(file -> file.getFileName().toString())
        .map(name -> RunningProgram.find(name.substring(0, name.lastIndexOf('.')), directory))
        .flatMap(Optional::stream)
        .toList();
  }

  private static List<Path> children(Path directory, String pattern) {
    var found = new ArrayList<Path>();
    try (var files = Files.newDirectoryStream(directory, pattern)) {
      files.forEach(found::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /**
   * All before any is waited for: one that hangs in a mount ends with the juicefs of that mount.
   */
  private static void killUsers(Path directory) {
    var marks =
        processesNaming(directory).stream().map(ProcessMark::of).flatMap(Optional::stream).toList();
    marks.forEach(mark -> ProcessHandle.of(mark.pid()).ifPresent(ProcessHandle::destroyForcibly));
    var _ =
        Waiting.until(
            () -> marks.stream().noneMatch(ProcessMark::isAlive),
            Duration.ofSeconds(10),
            Duration.ofMillis(5));
  }

  /** Detaches one mount. */
  public static void unmount(Path point) {
    run("umount", "-l", point.toString());
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory, NOFOLLOW_LINKS)) {
      return;
    }
    // A directory that must stay empty while it is unmounted may have been made immutable.
    run("chattr", "-R", "-f", "-i", directory.toString());
    try {
      Files.walkFileTree(directory, new Deletion());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + directory, e);
    }
  }

  /** Deletes a tree, of which another thread may be deleting the same files. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        return visitFileFailed(visited, failure);
      }
      Files.deleteIfExists(visited);
      return FileVisitResult.CONTINUE;
    }
  }

  private static void run(String... command) {
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Undoes the octal escapes of mountinfo (blank, tab, newline, backslash). */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
