package io.juicebox.node.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** One cgroup: a folder whose files tell and set what the kernel does with its processes. */
record Cgroup(Path directory) {
  private static final String PROCESSES = "cgroup.procs";

  Cgroup child(String name) {
    return new Cgroup(directory.resolve(name));
  }

  String name() {
    return String.valueOf(directory.getFileName());
  }

  boolean exists() {
    return Files.isDirectory(directory);
  }

  /** Makes it where it is not there; its files come with it. */
  void make() throws IOException {
    Files.createDirectories(directory);
  }

  boolean has(String file) {
    return Files.exists(directory.resolve(file));
  }

  String read(String file) throws IOException {
    return Files.readString(directory.resolve(file)).strip();
  }

  /** What stands in a file, by blanks and line ends. */
  List<String> words(String file) throws IOException {
    String text = read(file);
    return text.isEmpty() ? List.of() : List.of(text.split("\\s+", -1));
  }

  /** The number behind a key in a file of lines {@code key number}; 0 where no line has the key. */
  long number(String file, String key) throws IOException {
    return read(file)
        .lines()
        .map(line -> line.split(" ", 2))
        .filter(fields -> fields[0].equals(key))
        .mapToLong(fields -> Long.parseLong(fields[1].strip()))
        .sum();
  }

  void write(String file, String text) throws IOException {
    try {
      Files.writeString(directory.resolve(file), text, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // The kernel's own says neither what nor where: "Invalid argument".
      throw new IOException("%s/%s can't be %s: %s".formatted(directory, file, text, e), e);
    }
  }

  /** Like {@link #write}; a kernel that lacks the file lacks what it limits. */
  void writeIfThere(String file, String text) throws IOException {
    try {
      write(file, text);
    } catch (NoSuchFileException e) {
      return;
    }
  }

  /** Its processes; 0 stands for one that cannot be seen from this pid namespace. */
  List<Long> processes() throws IOException {
    return words(PROCESSES).stream().map(Long::valueOf).toList();
  }

  /** Moves a process into it, with all its threads; one that has ended needs none. */
  void take(long pid) throws IOException {
    try {
      write(PROCESSES, Long.toString(pid));
    } catch (IOException e) {
      if (!exists() || ProcessHandle.of(pid).isPresent()) {
        throw e;
      }
    }
  }

  /** Ends all its processes at once. */
  void kill() throws IOException {
    if (has("cgroup.kill")) {
      write("cgroup.kill", "1"); // those too that are just being forked (Linux 5.14, version 2)
      return;
    }
    for (long pid : processes()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /**
   * Removes it where that can be done now: one that has a process or a cgroup below it is busy.
   *
   * @return whether it is gone
   */
  boolean isRemoved() {
    try {
      Files.deleteIfExists(directory);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
