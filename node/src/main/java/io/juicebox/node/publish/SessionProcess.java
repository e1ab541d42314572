package io.juicebox.node.publish;

import io.juicebox.node.proof.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Looks for the process that a session names. */
public final class SessionProcess {
  private SessionProcess() {}

  /**
   * Whether a process of that id runs here and has the session's mount point on its command line: a
   * pid alone may have been given again, also to the juicefs of another volume.
   */
  public static boolean isAlive(Session session) {
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc/" + session.pid() + "/cmdline"));
      return Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0", -1))
          .contains(session.mountPoint());
    } catch (IOException e) {
      return false; // there is none, or it has just ended
    }
  }
}
