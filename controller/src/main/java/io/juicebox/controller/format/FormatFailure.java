package io.juicebox.controller.format;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the log of a failed {@code juicefs format} means to the caller of an RPC. */
final class FormatFailure {
  private static final Pattern LINE =
      Pattern.compile("<(?:FATAL|ERROR|WARNING)>: (.*?)(?: \\[[^\\[]*])?$");
  private static final Pattern AWAY =
      Pattern.compile("dial tcp|i/o timeout|connection re|EOF|LOADING|MASTERDOWN|READONLY");

  private FormatFailure() {}

  /**
   * @param redis as messages name it: the only server that a format talks to
   * @param log what it printed; JuiceFS puts no password there
   */
  static DriverException of(String redis, List<String> log) {
    String why = reason(log);
    if (why.contains("WRONGPASS") || why.contains("NOAUTH")) {
      return new Unauthenticated(redis, why);
    }
    if (why.contains("NOPERM")) {
      return new Forbidden(redis, why);
    }
    if (why.contains("OOM command not allowed")) {
      return new Exhausted(
          redis + " is out of memory: raise its maxmemory or delete volumes (" + why + ")");
    }
    if (AWAY.matcher(why).find()) {
      return new BackendUnavailable(redis, why, null);
    }
    return new Failed("juicefs format failed: " + why);
  }

  /** The last complaint of a log, or its last line. */
  static String reason(List<String> log) {
    for (String line : log.reversed()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    return log.isEmpty() ? "it printed nothing" : log.getLast();
  }
}
