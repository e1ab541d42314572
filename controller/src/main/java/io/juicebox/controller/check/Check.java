package io.juicebox.controller.check;

/**
 * One thing that was looked at.
 *
 * @param name what, for example {@code redis.appendfsync}
 * @param sentence what was found; unless it is well, what can be lost and what to do
 */
public record Check(String name, Level level, String sentence) {
  /** How it stands. */
  public enum Level {
    OK,
    /** Volumes work, and something can be lost or will be short. */
    WARN,
    /** Volumes can't be made or used, or their data is in danger. */
    ERROR
  }

  static Check ok(String name, String sentence) {
    return new Check(name, Level.OK, sentence);
  }

  static Check warn(String name, String sentence) {
    return new Check(name, Level.WARN, sentence);
  }

  static Check error(String name, String sentence) {
    return new Check(name, Level.ERROR, sentence);
  }
}
