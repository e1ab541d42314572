package io.juicebox.csi.status;

/** Text from outside, made fit to stand in a message or a log line. */
public final class Printable {
  private static final int LONGEST = 128;

  private Printable() {}

  /** The text in double quotes, what does not print escaped, cut after 128 characters. */
  public static String of(String text) {
    return '"' + escaped(text, LONGEST, "\"\\") + '"';
  }

  /** Like {@link #of}, but without the quotes: for what is a field of a log line by itself. */
  public static String bare(String text) {
    return escaped(text, LONGEST, "\\");
  }

  /** The whole of a message that may quote such text, on one line. */
  public static String line(String message) {
    return escaped(message, message.length(), "");
  }

  private static String escaped(String text, int longest, String alsoEscaped) {
    var out = new StringBuilder();
    text.codePoints()
        .limit(longest)
        .forEach(c -> {
          if (!prints(c)) {
            out.append("\\u%04x".formatted(c));
            return;
          }
          if (alsoEscaped.indexOf(c) >= 0) {
            out.append('\\');
          }
          out.appendCodePoint(c);
        });
    if (text.codePointCount(0, text.length()) > longest) {
      out.append("...");
    }
    return out.toString();
  }

  /** Whether a character shows as itself and moves none of its neighbours. */
  private static boolean prints(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
