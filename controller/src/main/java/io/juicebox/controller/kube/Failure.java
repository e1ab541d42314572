package io.juicebox.controller.kube;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Something that failed; the same failure again is equal, and one Event counts both.
 *
 * @param message one line, see {@link #oneLine}
 */
record Failure(Reason reason, Whose whose, String message) {
  /** The API server takes no more (core/v1 Event, "message"). */
  private static final int MOST_BYTES = 1024;

  private static final String CUT = "...";

  /** An Event's reason; none is one that csi-provisioner and csi-resizer use for theirs. */
  enum Reason {
    VOLUME_CREATION_FAILED("VolumeCreationFailed"),
    VOLUME_EXPANSION_FAILED("VolumeExpansionFailed");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  Failure {
    message = oneLine(message);
  }

  /** A text without line ends and other characters that do not print, cut to 1 KiB of UTF-8. */
  static String oneLine(String text) {
    var line = new StringBuilder();
    int bytes = 0;
    for (int c : text.codePoints().limit(MOST_BYTES + 1L).toArray()) {
      int shown =
          Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? ' ' : c;
      bytes += shown < 0x80 ? 1 : shown < 0x800 ? 2 : shown < 0x10000 ? 3 : 4;
      if (bytes > MOST_BYTES) {
        return shortened(line);
      }
      line.appendCodePoint(shown);
    }
    return line.toString();
  }

  private static String shortened(StringBuilder line) {
    while (line.toString().getBytes(UTF_8).length > MOST_BYTES - CUT.length()) {
      line.setLength(line.offsetByCodePoints(line.length(), -1));
    }
    return line.append(CUT).toString();
  }
}
