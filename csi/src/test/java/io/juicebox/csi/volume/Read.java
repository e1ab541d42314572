package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.util.Optional;
import java.util.function.Supplier;

/** What reading a text that somebody sent came to. */
final class Read {
  /** More than the longest message has, which lists the names of all mount options. */
  private static final int LONGEST_MESSAGE = 1500;

  private Read() {}

  /**
   * The value, or empty when it was refused as it should be: with one line that names the field.
   * Any other exception is passed on.
   */
  static <T> Optional<T> orRefused(String field, Supplier<T> parse) {
    try {
      return Optional.of(parse.get());
    } catch (InvalidRequest e) {
      String message = String.valueOf(e.getMessage());
      assertThat(message).startsWith(field).hasSizeLessThan(LONGEST_MESSAGE);
      assertThat(message.chars().filter(Character::isISOControl).count()).isZero();
      return Optional.empty();
    }
  }
}
