package io.juicebox.node.descriptor;

import io.juicebox.csi.volume.VolumeId;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * What the keeper of descriptors and a holder of copies tell each other, one message at a time.
 *
 * @param volume none for {@link Kind#ALL}
 */
record CopyMessage(Kind kind, Optional<VolumeId> volume) {
  /** The first word of a message. */
  enum Kind {
    /** From both, with a descriptor: keep this one. */
    KEEP,
    /** From the holder: it has told of all that it has. */
    ALL,
    /** From the keeper: close it. */
    DROP
  }

  static CopyMessage keep(VolumeId volume) {
    return new CopyMessage(Kind.KEEP, Optional.of(volume));
  }

  static CopyMessage drop(VolumeId volume) {
    return new CopyMessage(Kind.DROP, Optional.of(volume));
  }

  static CopyMessage all() {
    return new CopyMessage(Kind.ALL, Optional.empty());
  }

  byte[] bytes() {
    String text = kind.name().toLowerCase(Locale.ROOT) + volume.map(it -> " " + it).orElse("");
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Empty for what another version may say. */
  static Optional<CopyMessage> of(String text) {
    String[] words = text.split(" ", 2);
    for (Kind kind : Kind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(words[0])) {
        Optional<VolumeId> volume =
            words.length == 2 ? VolumeId.tryParse(words[1]) : Optional.empty();
        return volume.isPresent() == (kind != Kind.ALL)
            ? Optional.of(new CopyMessage(kind, volume))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
