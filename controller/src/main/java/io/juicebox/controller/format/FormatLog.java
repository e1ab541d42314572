package io.juicebox.controller.format;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a {@code juicefs format} prints. */
final class FormatLog {
  private static final Pattern COMPLAINT =
      Pattern.compile("<(?:FATAL|ERROR|WARNING)>: (.*?)(?: \\[[^\\[]*])?$");
  private static final Pattern SETTING =
      Pattern.compile("<INFO>: Volume is formatted as (\\{.*\n})", Pattern.DOTALL);

  private FormatLog() {}

  /** The last complaint of a log, or its last line. */
  static String complaint(List<String> log) {
    for (String line : log.reversed()) {
      Matcher matcher = COMPLAINT.matcher(line);
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    return log.isEmpty() ? "it printed nothing" : log.getLast();
  }

  /** The new filesystem's setting, a JSON object. */
  static Optional<String> setting(List<String> log) {
    Matcher matcher = SETTING.matcher(String.join("\n", log));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
