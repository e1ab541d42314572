package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.volume.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  @TempDir private Path directory;

  @Test
  void theLastWordsAreTheLastErrors() throws IOException {
    Path path = log("<ERROR>: one\n<ERROR>: two\n\n<FATAL>: three\n<WARNING>: four\n<INFO>: 5\n");

    assertThat(new LogFile(path).lastLines(2, List.of()))
        .containsExactly("<ERROR>: two", "<FATAL>: three");
  }

  @Test
  void withoutErrorsTheyAreWarningsOrInformation() throws IOException {
    assertThat(new LogFile(log("<WARNING>: one\n<INFO>: two\n")).lastLines(1, List.of()))
        .containsExactly("<WARNING>: one");
    assertThat(new LogFile(log("<INFO>: one\n<INFO>: two\n")).lastLines(1, List.of()))
        .containsExactly("<INFO>: two");
    assertThat(new LogFile(directory.resolve("none")).lastLines(1, List.of())).isEmpty();
  }

  @Test
  void secretsAreNoPartOfTheLastWords() throws IOException {
    Path path = log("<FATAL>: wrong password geheim for key geheim2\n");

    assertThat(
            new LogFile(path)
                .lastLines(1, List.of(new Secret("geheim2"), new Secret("geheim"), new Secret(""))))
        .containsExactly("<FATAL>: wrong password *** for key ***");
  }

  @Test
  void aLongLogEndsInItsEnd() throws IOException {
    Path path = log("<ERROR>: line\n".repeat(10_000) + "<ERROR>: " + "x".repeat(1000) + "\n");

    assertThat(new LogFile(path).lastLines(1, List.of()).getFirst())
        .startsWith("<ERROR>: xxx")
        .hasSize(300);
  }

  @Test
  void cappingMovesTheTextAndTheWriterGoesOn() throws IOException {
    Path path = log("old");
    Path older = directory.resolve("older");
    try (var writer = Files.newOutputStream(path, StandardOpenOption.APPEND)) {
      new LogFile(path).cap(3, older);
      assertThat(older).doesNotExist();

      new LogFile(path).cap(2, older);
      writer.write("new".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(older).hasContent("old");
    assertThat(path).hasContent("new");
    new LogFile(directory.resolve("none")).cap(2, older);
  }

  private Path log(String text) throws IOException {
    return Files.writeString(directory.resolve("log"), text);
  }
}
