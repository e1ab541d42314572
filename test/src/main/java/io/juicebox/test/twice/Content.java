package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Random;

/** A file of 5 MB in a published volume: two blocks, the same for every volume. */
final class Content {
  private static final String NAME = "content";

  private Content() {}

  /** Writes and closes it, without fsync: unpublishing has to wait for it. */
  static void write(Subject subject) {
    try {
      Files.write(subject.target().resolve(NAME), bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails unless it is there, whole. */
  static void require(Subject subject) {
    try {
      assertThat(Files.readAllBytes(subject.target().resolve(NAME)))
          .as("the content of volume %s", subject.id())
          .isEqualTo(bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes() {
    var bytes = new byte[5_000_000];
    new Random(7).nextBytes(bytes);
    return bytes;
  }
}
