package io.juicebox.csi.status;

/** Text from outside, made fit to stand in a message or a log line. */
public final class Printable {
  private static final int LONGEST = 80;

  private Printable() {}

  /** The text in double quotes, control characters escaped, cut after 80 characters. */
  public static String of(String text) {
    var out = new StringBuilder("\"");
    text.codePoints()
        .limit(LONGEST)
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            out.append('\\').appendCodePoint(c);
          } else if (Character.isISOControl(c) || !Character.isDefined(c)) {
            out.append("\\u%04x".formatted(c));
          } else {
            out.appendCodePoint(c);
          }
        });
    if (text.codePointCount(0, text.length()) > LONGEST) {
      out.append("...");
    }
    return out.append('"').toString();
  }
}
