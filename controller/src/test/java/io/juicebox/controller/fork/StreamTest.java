package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamTest {
  private static final String ALL_BYTES =
      IntStream.range(0, 256).mapToObj(i -> String.valueOf((char) i)).collect(Collectors.joining());
  private static final List<Entry> ENTRIES =
      List.of(
          new Value("i1", ValueType.STRING, List.of(ALL_BYTES)),
          new Value("c1_0", ValueType.LIST, List.of("", "x".repeat(300))),
          new Value("d1", ValueType.HASH, List.of("name", ALL_BYTES)),
          new More("d1", ValueType.HASH, List.of("other", "")),
          new Value("session1", ValueType.SET, List.of("5")),
          new Value("delfiles", ValueType.SORTED_SET, List.of("5:7", "1800000000")),
          new Removed("i1"));

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("stream");
    try (var stream = new StreamWriter(file)) {
      ENTRIES.forEach(stream);
      stream.finish();
    }
  }

  @Test
  void whatWasWrittenIsRead() throws IOException {
    assertThat(read()).isEqualTo(ENTRIES);
  }

  @Test
  void everyDamagedByteIsFound() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      Files.write(file, damaged);
      assertThatThrownBy(() -> StreamReader.verified(file))
          .as("byte %d", i)
          .isInstanceOf(Failed.class);
    }
  }

  @Test
  void everyMissingEndIsFound() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> StreamReader.verified(file))
          .as("%d bytes", length)
          .isInstanceOf(Failed.class);
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> StreamReader.verified(file)).isInstanceOf(Failed.class);
  }

  @Test
  void oneThatWasNotFinishedIsNone() throws IOException {
    try (var stream = new StreamWriter(file)) {
      ENTRIES.forEach(stream);
    }
    assertThatThrownBy(() -> StreamReader.verified(file)).isInstanceOf(Failed.class);
  }

  @Test
  void anotherVersionIsNamed() throws IOException {
    byte[] newer = Files.readAllBytes(file);
    newer[StreamFormat.MAGIC.length + 1] = 2;
    Files.write(file, newer);
    assertThatThrownBy(() -> StreamReader.verified(file))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("format 2");
  }

  @Test
  void aValueThatNoReaderTakesIsNotWritten() throws IOException {
    try (var stream = new StreamWriter(file)) {
      assertThatThrownBy(() ->
              stream.accept(
                  new Value("x5", ValueType.HASH, List.of("n", "x".repeat((1 << 20) + 1)))))
          .isInstanceOf(PreconditionFailed.class);
    }
  }

  private List<Entry> read() throws IOException {
    var entries = new ArrayList<Entry>();
    StreamReader.verified(file).forEach(entries::add);
    return entries;
  }
}
