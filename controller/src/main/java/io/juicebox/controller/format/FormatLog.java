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

  /** The last complaint of a log, or its last line; of those, one that says something. */
  static String complaint(List<String> log) {
    for (String line : log.reversed()) {
      Matcher matcher = COMPLAINT.matcher(line);
      if (matcher.find() && !matcher.group(1).isBlank()) {
        return matcher.group(1);
      }
    }
    return log.reversed().stream()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("it printed nothing");
  }

  /** The new filesystem's setting, a JSON object. */
  static Optional<String> setting(List<String> log) {
    Matcher matcher = SETTING.matcher(String.join("\n", log));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
