package io.juicebox.node.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process and no other: a pid alone is given again, and means something else in another pid
 * namespace and after a reboot.
 *
 * @param startTicks when it started, in clock ticks after the boot: field 22 of /proc/PID/stat
 * @param bootId of the kernel's run
 * @param pidNamespace in which the pid holds
 */
record ProcessIdentity(long pid, long startTicks, String bootId, String pidNamespace) {
  private static final Path PROC = Path.of("/proc");
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int SESSION = 3;
  private static final int START_TICKS = 19;

  /** The running process of a pid; empty when there is none. */
  static Optional<ProcessIdentity> running(long pid) {
    return stat(pid).map(fields -> of(pid, fields));
  }

  /** As {@link #running}, of a process that leads a session. */
  static Optional<ProcessIdentity> sessionLeader(long pid) {
    return stat(pid)
        .filter(fields -> fields[SESSION].equals(Long.toString(pid)))
        .map(fields -> of(pid, fields));
  }

  private static ProcessIdentity of(long pid, String[] fields) {
    return new ProcessIdentity(
        pid, Long.parseLong(fields[START_TICKS]), Here.BOOT, Here.PID_NAMESPACE);
  }

  /** Whether this very process runs and can be seen from here. */
  boolean isRunning() {
    return running(pid).filter(this::equals).isPresent();
  }

  /** Its parent's pid, which changes when the parent ends; empty when the process has ended. */
  Optional<Long> parent() {
    return isRunning() ? stat(pid).map(fields -> Long.parseLong(fields[PARENT])) : Optional.empty();
  }

  /**
   * How long the threads of a pid have run so far, nanoseconds; 0 when there is none, one ends just
   * now, or the kernel does not tell (/proc/PID/task/TID/schedstat, CONFIG_SCHED_INFO). Another
   * process of that pid has run less than the one before it.
   */
  static long processorTime(long pid) {
    long sum = 0;
    try (var threads = Files.newDirectoryStream(PROC.resolve(pid + "/task"))) {
      for (Path thread : threads) {
        String text = Files.readString(thread.resolve("schedstat"), StandardCharsets.US_ASCII);
        sum += Long.parseLong(text.substring(0, text.indexOf(' ')));
      }
    } catch (IOException | DirectoryIteratorException e) {
      return 0;
    }
    return sum;
  }

  void write(ObjectNode json) {
    json.put("pid", pid)
        .put("startTicks", startTicks)
        .put("bootId", bootId)
        .put("pidNamespace", pidNamespace);
  }

  static ProcessIdentity of(JsonNode json) {
    return new ProcessIdentity(
        json.path("pid").asLong(),
        json.path("startTicks").asLong(),
        json.path("bootId").asText(),
        json.path("pidNamespace").asText());
  }

  /** The fields of /proc/PID/stat from the state on; a zombie has ended, so it counts as none. */
  private static Optional<String[]> stat(long pid) {
    String text;
    try {
      text = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return Optional.empty(); // ENOENT, or ESRCH when it ends during the read
    }
    // The name before it stands in parentheses and may hold blanks and parentheses.
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    return fields[STATE].equals("Z") ? Optional.empty() : Optional.of(fields);
  }

  /** Where this program runs: neither changes as long as it does. */
  private static final class Here {
    static final String BOOT = currentBoot();
    static final String PID_NAMESPACE = ownPidNamespace();
  }

  private static String currentBoot() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String ownPidNamespace() {
    try {
      return Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
