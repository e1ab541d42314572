package io.juicebox.csi.volume;

import io.juicebox.csi.status.Printable;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id that the CO knows a volume by: {@code <backend>-<20 random characters>}.
 *
 * <p>At most 41 of {@code [a-z0-9-]}: fit for a file name, a Redis key, an object key and a JuiceFS
 * name as it stands.
 */
public record VolumeId(String value) implements Comparable<VolumeId> {
  private static final int RANDOM_LENGTH = 20;
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final Pattern PATTERN =
      Pattern.compile("(" + BackendName.SHAPE + ")-[a-z0-9]{" + RANDOM_LENGTH + "}");
  private static final SecureRandom RANDOM = new SecureRandom();

  public VolumeId {
    if (!PATTERN.matcher(value).matches()) {
      throw new IllegalArgumentException("not a volume id of ours: " + Printable.of(value));
    }
  }

  /** The id that a text spells, or empty when it can't be one of ours. */
  public static Optional<VolumeId> tryParse(String text) {
    return PATTERN.matcher(text).matches() ? Optional.of(new VolumeId(text)) : Optional.empty();
  }

  /** A new id on a backend; its 20 characters hold 103 random bits. */
  public static VolumeId random(BackendName backend) {
    var id = new StringBuilder(backend.value()).append('-');
    RANDOM
        .ints(RANDOM_LENGTH, 0, ALPHABET.length())
        .forEach(index -> id.append(ALPHABET.charAt(index)));
    return new VolumeId(id.toString());
  }

  /** The backend that holds the volume. */
  public BackendName backend() {
    Matcher matcher = PATTERN.matcher(value);
    if (!matcher.matches()) {
      throw new AssertionError(value);
    }
    return new BackendName(matcher.group(1));
  }

  @Override
  public int compareTo(VolumeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
