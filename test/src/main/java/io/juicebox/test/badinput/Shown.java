package io.juicebox.test.badinput;

import java.util.stream.Collectors;

/** Texts in a form that fits a table's cell. */
final class Shown {
  private static final int LONGEST = 40;

  private Shown() {}

  /** In quotes, control characters escaped, cut. */
  static String of(String text) {
    var escaped =
        text.codePoints()
            .mapToObj(
                c -> Character.isISOControl(c) ? "\\x%02x".formatted(c) : Character.toString(c))
            .collect(Collectors.joining());
    return '"' + cut(escaped, LONGEST) + '"';
  }

  static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 3) + "...";
  }
}
