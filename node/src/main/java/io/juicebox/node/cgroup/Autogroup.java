package io.juicebox.node.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weight of a session where the kernel schedules by sessions (sched(7), the autogroup feature).
 * JuiceFS gives itself the nice value -19, which means nothing there: its session competes with all
 * others as an equal, and programs that wait for a volume wait for it. In a container, which has a
 * cgroup for its processors, there are no such groups, and nothing is changed.
 */
public final class Autogroup {
  private static final Logger LOG = LoggerFactory.getLogger(Autogroup.class);
  private static final String NICE = "-10";
  private static final int LOOKS = 20;
  private static final long LOOK_NANOS = 250_000;

  private Autogroup() {}

  /** Raises this process's own session. */
  public static void raiseOwn() {
    raise(Path.of("/proc/self/autogroup"));
  }

  /** Raises the session of a child that is about to begin one of its own. */
  public static void raise(long child) {
    Path file = Path.of("/proc", Long.toString(child), "autogroup");
    try {
      String own = name(Path.of("/proc/self/autogroup"));
      for (int i = 0; i < LOOKS && name(file).equals(own); i++) {
        LockSupport.parkNanos(LOOK_NANOS); // it is between its start and setsid(2)
      }
      if (!name(file).equals(own)) {
        raise(file);
      }
    } catch (IOException e) {
      LOG.debug("no autogroups here, or process {} has ended: {}", child, e.toString());
    }
  }

  private static void raise(Path file) {
    try {
      Files.writeString(file, NICE);
    } catch (IOException e) {
      LOG.debug("{} stays as it is: {}", file, e.toString());
    }
  }

  /** {@code /autogroup-25} of {@code /autogroup-25 nice 0}. */
  private static String name(Path file) throws IOException {
    return Files.readString(file).split(" ", 2)[0];
  }
}
