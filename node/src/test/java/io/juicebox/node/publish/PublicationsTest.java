package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_READER_ONLY;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static io.juicebox.node.publish.Samples.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationsTest {
  @TempDir Path directory;
  private Publications publications = new Publications(Path.of("/"));

  private final Publication first =
      new Publication(
          VOLUME,
          Path.of("/pods/a"),
          Samples.arguments(SINGLE_NODE_WRITER, "noexec,max-uploads=4"));
  private final Publication second =
      new Publication(
          VOLUME, Path.of("/pods/b"), Samples.ofGroup(MULTI_NODE_READER_ONLY, true, 4294967294L));

  @BeforeEach
  void open() {
    publications = new Publications(directory.resolve("publications"));
  }

  @Test
  void areReadAsTheyWereWritten() {
    publications.put(first);
    publications.put(second);
    assertThat(publications.of(VOLUME)).containsExactlyInAnyOrder(first, second);
  }

  @Test
  void puttingAgainReplaces() {
    publications.put(first);
    var changed = new Publication(VOLUME, first.target(), second.arguments());
    publications.put(changed);
    assertThat(publications.of(VOLUME)).containsExactly(changed);
  }

  @Test
  void removingTheLastLeavesNothing() {
    publications.put(first);
    publications.put(second);
    publications.remove(VOLUME, first.target());
    assertThat(publications.of(VOLUME)).containsExactly(second);
    publications.remove(VOLUME, second.target());
    publications.remove(VOLUME, second.target());
    assertThat(directory.resolve("publications")).isEmptyDirectory();
  }

  @Test
  void tornFilesCountAsAbsent() throws IOException {
    publications.put(first);
    try (var files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, "");
        Files.writeString(file.resolveSibling("x.json.new"), "{");
      }
    }
    assertThat(publications.of(VOLUME)).isEmpty();
  }
}
