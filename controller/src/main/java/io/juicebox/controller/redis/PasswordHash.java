package io.juicebox.controller.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.juicebox.csi.volume.Secret;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What Redis keeps of a password, and all that it needs to take it again: its SHA-256 in lower-case
 * hex. It tells nothing of a random password.
 */
public record PasswordHash(String value) {
  private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

  public PasswordHash {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException("not a SHA-256 in lower-case hex");
    }
  }

  public static PasswordHash of(Secret password) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return new PasswordHash(
          HexFormat.of().formatHex(digest.digest(password.reveal().getBytes(UTF_8))));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
