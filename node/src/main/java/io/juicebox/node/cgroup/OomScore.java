package io.juicebox.node.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whom the kernel ends first when the machine is out of memory (proc_pid_oom_score_adj(5)). */
public final class OomScore {
  private static final Logger LOG = LoggerFactory.getLogger(OomScore.class);

  private OomScore() {}

  /**
   * Sets a process's adjustment, from -1000 to 1000. To lower it below what the process was started
   * with takes CAP_SYS_RESOURCE, which containers often lack: that is told in the log and changes
   * nothing. A process that has ended needs none.
   */
  public static void set(long pid, int adjustment) {
    try {
      Files.writeString(file(pid), adjustment + "\n");
    } catch (IOException e) {
      of(pid)
          .ifPresent(kept ->
              LOG.warn(
                  "process {} keeps the oom_score_adj {} instead of {}: {}",
                  pid,
                  kept,
                  adjustment,
                  e.toString()));
    }
  }

  /** A process's adjustment, from -1000 (never ended) to 1000; empty when it has ended. */
  public static OptionalInt of(long pid) {
    try {
      return OptionalInt.of(Integer.parseInt(Files.readString(file(pid)).strip()));
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  private static Path file(long pid) {
    return Path.of("/proc", Long.toString(pid), "oom_score_adj");
  }
}
