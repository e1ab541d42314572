package io.juicebox.csi.volume;

import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One block of a PEM text (RFC 7468).
 *
 * @param label what it holds, {@code CERTIFICATE}
 * @param base64 with line ends
 */
record PemBlock(String label, String base64) {
  private static final String BEGIN = "-----BEGIN ";
  private static final Pattern BLOCK =
      Pattern.compile(BEGIN + "([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]++)-----END \\1-----");
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /** The blocks of a text, whatever stands between them; none when one of them is broken. */
  static List<PemBlock> all(String text) {
    List<PemBlock> blocks =
        BLOCK
            .matcher(text)
            .results()
            .map((MatchResult block) -> new PemBlock(block.group(1), block.group(2)))
            .toList();
    int begun = text.split(BEGIN, -1).length - 1;
    return begun == blocks.size() ? blocks : List.of();
  }

  /** A text of one block. */
  static String text(String label, byte[] bytes) {
    return "%s%s-----\n%s\n-----END %s-----\n"
        .formatted(BEGIN, label, LINES.encodeToString(bytes), label);
  }

  /**
   * What it holds.
   *
   * @throws IllegalArgumentException when it is no base64
   */
  byte[] bytes() {
    return Base64.getMimeDecoder().decode(base64);
  }

  @Override
  public String toString() {
    return label; // it may be a private key
  }
}
