package io.juicebox.test.badinput;

import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A text that a careless or hostile caller sends.
 *
 * @param words what it is, for the table
 */
record Text(String words, String value) {
  /** Stands in messages where bytes that no text has will stand. */
  static final String PLACE_OF_BYTES = "@@@";

  static List<Text> newlines() {
    return List.of(
        new Text("a newline", "\n"),
        new Text("a newline in it", "a\nb"),
        new Text("a newline at its end", "abc\n"));
  }

  static List<Text> nuls() {
    return List.of(
        new Text("NUL", "\0"), new Text("NUL in it", "a\0b"), new Text("NUL at its end", "abc\0"));
  }

  static List<Text> waysUp() {
    return List.of(
        new Text("..", ".."),
        new Text("../ before it", "../../etc/passwd"),
        new Text("/../ in it", "a/../../../b"));
  }

  /** Over the specification's 128 bytes. */
  static List<Text> overLong() {
    return List.of(
        new Text("129 bytes", "x".repeat(129)),
        new Text("65 letters of 2 bytes", "é".repeat(65)),
        new Text("60,000 bytes", "x".repeat(60_000)));
  }

  /** Newline, NUL and ../: what no id has. */
  static Stream<Text> strange() {
    return Stream.of(newlines(), nuls(), waysUp()).flatMap(List::stream);
  }

  /** Bytes that are no UTF-8, as long as {@link #PLACE_OF_BYTES}. */
  static Map<String, byte[]> wrongUtf8() {
    return Map.of(
        "no UTF-8: a lone 0x80", new byte[] {'a', (byte) 0x80, 'b'},
        "no UTF-8: an overlong slash", new byte[] {'a', (byte) 0xc0, (byte) 0xaf},
        "no UTF-8: half a surrogate pair", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
  }

  /** The message as bytes, with these in their place. */
  static byte[] encoded(Message message, byte[] bytes) {
    var encoded = message.toByteArray();
    var place = indexOf(encoded, PLACE_OF_BYTES.getBytes(StandardCharsets.US_ASCII));
    System.arraycopy(bytes, 0, encoded, place, bytes.length);
    return encoded;
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int at = 0; at + part.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new IllegalArgumentException("the message has no place for the bytes");
  }
}
