package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.volume.Member;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedSlicesTest {
  private static final long ID = 2_000_000_012_345L;

  @TempDir Path directory;

  private static String chunk(long id) {
    return text(ByteBuffer.allocate(24).putInt(0).putLong(id).putInt(5).putInt(0).putInt(5));
  }

  private static String delayed(long id) {
    return text(ByteBuffer.allocate(12).putLong(id).putInt(5));
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.ISO_8859_1.decode(bytes.flip()).toString();
  }

  private List<Long> named(Entry... entries) throws IOException {
    Path file = directory.resolve("stream");
    try (var stream = new StreamWriter(file)) {
      List.of(entries).forEach(stream);
      stream.finish();
    }
    var named = new ArrayList<Long>();
    MetadataCopies.slices(file, named::add);
    return named;
  }

  @Test
  void chunksNameThem() throws IOException {
    assertThat(
            named(
                new Value("c7_0", ValueType.LIST, List.of(chunk(ID), chunk(ID + 1))),
                new Value("c9223372032828243968_12", ValueType.LIST, List.of(chunk(ID + 2)))))
        .containsExactly(ID, ID + 1, ID + 2);
  }

  @Test
  void soDoesWhatACompactionReplaced() throws IOException {
    assertThat(
            named(
                new Value("delSlices", ValueType.HASH, List.of("7_1000", delayed(ID) + delayed(5))),
                new More("delSlices", ValueType.HASH, List.of("8_1000", delayed(ID + 1)))))
        .containsExactly(ID, 5L, ID + 1);
  }

  @Test
  void soDoCounters() throws IOException {
    assertThat(
            named(
                new Value("sliceRef", ValueType.HASH, List.of("k" + ID + "_5", "2")),
                new More("sliceRef", ValueType.HASH, List.of("k12_6", "1", "odd", "1"))))
        .containsExactly(ID, 12L);
  }

  @Test
  void nothingElseDoes() throws IOException {
    assertThat(
            named(
                new Value("c7_0", ValueType.LIST, List.of("short", chunk(ID) + "long")),
                new Value("counters", ValueType.LIST, List.of(chunk(ID))),
                new Value("c7_1", ValueType.SET, List.of(chunk(ID))),
                new Value("i7", ValueType.STRING, List.of(chunk(ID))),
                new Value("d1", ValueType.HASH, List.of("k" + ID + "_5", delayed(ID))),
                new Removed("c7_0")))
        .isEmpty();
  }

  @Test
  void whatALaterEntryReplacesIsNamedStill() throws IOException {
    assertThat(
            named(
                new Value("c7_0", ValueType.LIST, List.of(chunk(ID))),
                new Value("c7_0", ValueType.LIST, List.of(chunk(ID + 1)))))
        .containsExactly(ID, ID + 1);
  }

  @Test
  void ofARealFilesystemAllThatHaveBlocksAreNamed() throws IOException {
    var all = new TreeSet<Long>();
    MetadataCopies.slices(RecordedKeys.stream(), all::add);
    assertThat(all).isEqualTo(recorded(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));

    assertThat(recorded("c\\d+_\\d+")).isEqualTo(recorded(1, 3, 4, 5, 10, 11, 12, 14, 15));
    assertThat(recorded("delSlices")).isEqualTo(recorded(6, 7, 8, 9)); // 10 replaced them
    assertThat(recorded("sliceRef")).isEqualTo(recorded(11, 12, 13));
  }

  /** What a copy does not name is the slice that only a negative counter names. */
  @Test
  void aCopyNamesAllThatItsSourceNeeds() throws IOException {
    var all = new TreeSet<Long>();
    var filter = new CopyFilter(Member.FIRST, new NamedSlices(all::add));
    RecordedKeys.entries().forEach(filter);
    assertThat(all).isEqualTo(recorded(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15));
  }

  /** The slices that keys of a name name. */
  private Set<Long> recorded(String key) throws IOException {
    return new TreeSet<>(
        named(
            RecordedKeys.entries().stream()
                .filter(entry -> entry.key().matches(key))
                .toArray(Entry[]::new)));
  }

  private static Set<Long> recorded(int... slices) {
    return IntStream.of(slices)
        .mapToObj(slice -> Member.FIRST.firstSlice() + slice)
        .collect(Collectors.toSet());
  }

  @Test
  void aDamagedStreamNamesNone() throws IOException {
    assertThat(named(new Value("c7_0", ValueType.LIST, List.of(chunk(ID))))).hasSize(1);
    Path file = directory.resolve("stream");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    var named = new ArrayList<Long>();
    assertThatThrownBy(() -> MetadataCopies.slices(file, named::add)).isInstanceOf(Failed.class);
    assertThat(named).isEmpty();
  }
}
