package io.juicebox.controller.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script that Redis runs as one transaction.
 *
 * @param name what messages call it
 * @param text its source
 * @param sha1 the digest by which the server knows it once it has run
 */
public record LuaScript(String name, String text, String sha1) {

  /** A script from its source. */
  public static LuaScript of(String name, String text) {
    return new LuaScript(name, text, sha1(text));
  }

  /** The script {@code <name>.lua} beside a class on the class path. */
  public static LuaScript resource(Class<?> owner, String name) {
    String file = name + ".lua";
    try (var in = owner.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + file + " beside " + owner.getName());
      }
      return of(name, new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
