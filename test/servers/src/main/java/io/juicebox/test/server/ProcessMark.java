package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Names one process for good: a pid alone is given to another process sooner or later.
 *
 * @param pid the process id
 * @param startTicks when it started, in clock ticks since the boot ({@code /proc/PID/stat}, field
 *     22)
 * @param boot the kernel's id of that boot
 */
public record ProcessMark(long pid, long startTicks, String boot) {

  /** The mark of a process that is there now; empty if it is gone or a zombie. */
  public static Optional<ProcessMark> of(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // The second field, the command's name in parentheses, may itself hold blanks and
      // parentheses.
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      if (fields[0].equals("Z") || fields[0].equals("X")) {
        return Optional.empty();
      }
      return Optional.of(new ProcessMark(pid, Long.parseLong(fields[19]), bootId()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The mark of this JVM. */
  public static ProcessMark ofThisProcess() {
    return of(ProcessHandle.current().pid()).orElseThrow();
  }

  /** Reads a mark from a file; empty if the file is missing or half written. */
  public static Optional<ProcessMark> read(Path file) {
    try {
      var words = Files.readString(file).strip().split(" ", -1);
      return words.length == 3
          ? Optional.of(
              new ProcessMark(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  public void write(Path file) {
    try {
      Files.writeString(file, pid + " " + startTicks + " " + boot + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this very process still runs. */
  public boolean isAlive() {
    return of(pid).filter(this::equals).isPresent();
  }

  private static String bootId() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }
}
