package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;

/** Signals to processes, each with its effect: a call returns when the process is in that state. */
public final class Signals {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(1);

  private Signals() {}

  /**
   * Stops a process, so that it answers nothing and holds everything. Its threads stop one by one
   * and may still answer meanwhile; this returns when the last has stopped.
   */
  public static void stop(long pid) {
    send("STOP", pid);
    if (!Waiting.until(() -> isStopped(pid), LIMIT, POLL)) {
      throw new IllegalStateException("process " + pid + " did not stop in " + LIMIT);
    }
  }

  /** Lets a stopped process go on. */
  public static void resume(long pid) {
    send("CONT", pid);
  }

  /** Ends a process at once; returns when it is gone. */
  public static void kill(long pid) {
    var mark = ProcessMark.of(pid).orElseThrow(() -> new IllegalStateException(pid + " is gone"));
    // No `kill` command, which takes milliseconds to start.
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    if (!Waiting.until(() -> !mark.isAlive(), LIMIT, POLL)) {
      throw new IllegalStateException("process " + pid + " survived SIGKILL for " + LIMIT);
    }
  }

  private static boolean isStopped(long pid) {
    var states = new ArrayList<String>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (var thread : threads) {
        var stat = Files.readString(thread.resolve("stat"));
        states.add(stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1));
      }
    } catch (IOException e) {
      return false; // a thread has just ended
    }
    return states.stream().allMatch("T"::equals);
  }

  private static void send(String signal, long pid) {
    try {
      var exit = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -" + signal + " " + pid + ": exit code " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
