package io.juicebox.csi.volume;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a volume's own Redis user and object-store account are called: the volume's id, and from the
 * second generation on a dot and the generation. Each rotation begins another one, so that the
 * servers tell who still uses the former.
 *
 * @param generation 1 for the credentials that the volume was made with
 */
public record CredentialName(VolumeId volume, int generation) {
  private static final Pattern LATER = Pattern.compile("(.*)\\.([1-9][0-9]{0,8})");

  public CredentialName {
    if (generation < 1) {
      throw new IllegalArgumentException("a generation is 1 or more, not " + generation);
    }
  }

  /** Of the credentials that a volume is made with. */
  public static CredentialName first(VolumeId volume) {
    return new CredentialName(volume, 1);
  }

  /** Reads a user's name; empty when it is none of a volume. */
  public static Optional<CredentialName> tryParse(String name) {
    Matcher later = LATER.matcher(name);
    return later.matches()
        ? VolumeId.tryParse(later.group(1))
            .map(volume -> new CredentialName(volume, Integer.parseInt(later.group(2))))
            .filter(parsed -> parsed.generation() > 1)
        : VolumeId.tryParse(name).map(CredentialName::first);
  }

  /** The name itself. */
  public String value() {
    return generation == 1 ? volume.value() : volume.value() + "." + generation;
  }

  @Override
  public String toString() {
    return value();
  }
}
