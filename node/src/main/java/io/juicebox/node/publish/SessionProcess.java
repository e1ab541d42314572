package io.juicebox.node.publish;

import io.juicebox.node.proof.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What runs under the process id that a session of this node names. */
public enum SessionProcess {
  /** The juicefs that the driver started for the session's mount point. */
  OF_THE_DRIVER,
  /** A JuiceFS client that somebody else started. */
  OF_ANOTHER,
  /** Nothing, or a process that got the id later. */
  GONE;

  private static final String LOG = "/juicefs.log";

  /**
   * Looks. A process of the driver is known by its standard output, the log beside its mount point:
   * JuiceFS overwrites its command line, and a pid alone may have been given again, also to the
   * juicefs of another volume.
   */
  public static SessionProcess of(Session session) {
    Path process = Path.of("/proc", Long.toString(session.pid()));
    try {
      String output = Files.readSymbolicLink(process.resolve("fd/1")).toString();
      if (output.endsWith(LOG)) {
        return output.equals(logBeside(session.mountPoint())) ? OF_THE_DRIVER : GONE;
      }
      return Files.readString(process.resolve("comm")).contains("juicefs") ? OF_ANOTHER : GONE;
    } catch (IOException e) {
      return GONE; // there is none, or it has just ended
    }
  }

  private static String logBeside(String mountPoint) {
    return mountPoint.substring(0, Math.max(0, mountPoint.lastIndexOf('/'))) + LOG;
  }
}
