package io.juicebox.test.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the kernel's scheduler knows of processes ({@code proc_pid_stat(5)}). */
final class Processor {
  /** Linux counts in hundredths of a second, whatever the machine. */
  private static final int TICK = 10;

  private Processor() {}

  /** The time that a process has run, in user mode and in the kernel. */
  static double milliseconds(long pid) {
    var fields = fields(Path.of("/proc", Long.toString(pid), "stat"));
    return TICK * (Double.parseDouble(fields.get(11)) + Double.parseDouble(fields.get(12)));
  }

  /** How many threads of a process sleep so that no signal wakes them; none of one that ended. */
  static long uninterruptible(long pid) {
    var states = new ArrayList<String>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (var thread : threads) {
        states.add(fields(thread.resolve("stat")).getFirst());
      }
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return states.stream().filter("D"::equals).count();
  }

  /** The fields from the state on; what comes before may hold any character. */
  private static List<String> fields(Path stat) {
    try {
      var text = Files.readString(stat);
      return List.of(text.substring(text.lastIndexOf(')') + 2).strip().split(" ", -1));
    } catch (IOException e) {
      return List.of("X"); // it has ended
    }
  }
}
