package io.juicebox.test.server;

import java.security.SecureRandom;

/** Random words of lower-case letters and digits, for passwords and names. */
public final class RandomText {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

  private RandomText() {}

  public static String of(int length) {
    return new SecureRandom()
        .ints(length, 0, ALPHABET.length())
        .collect(
            StringBuilder::new, (text, i) -> text.append(ALPHABET.charAt(i)), StringBuilder::append)
        .toString();
  }
}
