package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Member;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyFilterTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  /** Of what was recorded. */
  private static final String[] LEFT_OUT = {
    "allSessions",
    "sessionInfos",
    "session1",
    "lastCleanupSessions",
    "locked1",
    "lockf2",
    "lockp2",
    "i13"
  };

  private final List<Entry> copy = new ArrayList<>();
  private final CopyFilter filter = new CopyFilter(Member.FIRST, copy::add);

  @ParameterizedTest
  @CsvSource({
    "setting, COPIED",
    "i1, INODE",
    "i9223372032828243968, INODE",
    "d1, COPIED",
    "c5_0, COPIED",
    "p5, COPIED",
    "s5, COPIED",
    "x5, COPIED",
    "acl, COPIED",
    "nextinode, COPIED",
    "nextchunk, NEXT_SLICE",
    "nextsession, COPIED",
    "nextTrash, COPIED",
    "delfiles, COPIED",
    "delSlices, COPIED",
    "detachedNodes, COPIED",
    "dirUsedSpace, COPIED",
    "dirQuota, COPIED",
    "usedSpace, USAGE",
    "totalInodes, USAGE",
    "sliceRef, REFERENCES",
    "session7, OPEN_FILES",
    "sessions, LEFT_OUT",
    "allSessions, LEFT_OUT",
    "sessionInfos, LEFT_OUT",
    "locked7, LEFT_OUT",
    "lockf5, LEFT_OUT",
    "lockp5, LEFT_OUT",
    "lastCleanupFiles, LEFT_OUT",
    "fork, LEFT_OUT",
    "'', COPIED",
    "lockdown, COPIED",
    "iron, COPIED",
    "somethingNew, COPIED"
  })
  void everyKeyHasItsKind(String key, KeyKind kind) {
    assertThat(KeyKind.of(key)).isEqualTo(kind);
  }

  @Test
  void onlyCountersOfSeveralReferencesAreCopied() {
    filter.accept(hash("sliceRef", "k11_5", "1", "k12_5", "0", "k13_5", "-1", "k14_5", "3"));
    filter.accept(new More("sliceRef", ValueType.HASH, List.of("k15_5", "-1", "k16_5", "2")));
    assertThat(finished())
        .containsExactly(
            hash("sliceRef", "k11_5", "1", "k14_5", "3"),
            new More("sliceRef", ValueType.HASH, List.of("k16_5", "2")));
  }

  @Test
  void noCounterAtAllTakesBackEarlierOnes() {
    filter.accept(hash("sliceRef", "k11_5", "1"));
    filter.accept(hash("sliceRef", "k11_5", "-1"));
    assertThat(finished()).containsExactly(hash("sliceRef", "k11_5", "1"), new Removed("sliceRef"));
  }

  @Test
  void aFileThatOnlyADescriptorKeptIsADeletedFile() {
    filter.accept(inode(5, 0, 5_000));
    filter.accept(inode(6, 1, 5_000));
    filter.accept(new Value("session7", ValueType.SET, List.of("5", "6", "99")));
    filter.accept(string("usedSpace", "20480"));
    filter.accept(string("totalInodes", "3"));
    assertThat(finished().subList(2, copy.size()))
        .containsExactlyInAnyOrder(
            new Removed("i5"),
            new More("delfiles", ValueType.SORTED_SET, List.of("5:5000", "1800000000")),
            string("usedSpace", "12288"),
            string("totalInodes", "2"));
  }

  @Test
  void whatWasReadAgainCounts() {
    filter.accept(inode(5, 0, 5_000)); // the number was given back
    filter.accept(new Removed("i5"));
    filter.accept(inode(6, 1, 5_000)); // its name went while it was read
    filter.accept(inode(6, 0, 10));
    filter.accept(inode(8, 0, 10)); // closed meanwhile
    filter.accept(new Value("session7", ValueType.SET, List.of("5", "8")));
    filter.accept(new Value("session7", ValueType.SET, List.of("5", "6")));
    filter.accept(new Value("session8", ValueType.SET, List.of("8")));
    filter.accept(new Removed("session8"));
    assertThat(finished())
        .filteredOn(entry -> entry.key().equals("delfiles"))
        .containsExactly(new More("delfiles", ValueType.SORTED_SET, List.of("6:10", "1800000000")));
  }

  @Test
  void theLastAnswerOfTheSliceCounterCounts() {
    filter.accept(string("nextchunk", "1000000004096"));
    filter.accept(string("nextchunk", "1000000008192"));
    assertThat(filter.finish(NOW)).isEqualTo(1_000_000_008_193L);
    assertThat(copy).hasSize(2);
  }

  @Test
  void aSliceThatIsNamedCountsWhateverTheCounterSays() {
    filter.accept(string("nextchunk", "1000000000001"));
    filter.accept(new Value("c5_0", ValueType.LIST, List.of(record(1_000_000_004_096L))));
    filter.accept(new Value("c6_0", ValueType.LIST, List.of(record(2_000_000_004_096L))));
    filter.accept(hash("sliceRef", "k1000000004099_5", "1", "k1000000004100_5", "-1"));
    assertThat(filter.finish(NOW)).isEqualTo(1_000_000_004_100L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "2000000000000", "-9223372036854775808"})
  void aCounterOfAnotherRangeIsRefused(String counter) {
    filter.accept(string("nextchunk", counter));
    assertThatThrownBy(() -> filter.finish(NOW))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("nextchunk");
  }

  @Test
  void withoutACounterNothingIsKnown() {
    assertThatThrownBy(() -> filter.finish(NOW)).isInstanceOf(PreconditionFailed.class);
  }

  /** The file of inode 13 is open and nameless; of three counters one is above zero. */
  @Test
  void ofARealFilesystemEverythingElseIsCopied() throws IOException {
    List<Entry> recorded = RecordedKeys.entries();
    recorded.forEach(filter);
    assertThat(filter.finish(NOW)).isEqualTo(1_000_000_004_097L);

    Map<String, List<String>> expected = values(recorded);
    assertThat(expected).containsKeys(LEFT_OUT).containsKeys("nextTrash", "delSlices", "x2", "s3");
    expected.keySet().removeAll(Set.of(LEFT_OUT));
    expected.put("delfiles", List.of("13:6000", "1800000000"));
    expected.put("usedSpace", List.of("103858176")); // as juicefs counts when it is closed
    expected.put("totalInodes", List.of("11"));
    expected.put("sliceRef", List.of("k1000000000011_100", "1"));
    assertThat(values(copy)).isEqualTo(expected);
  }

  private static Map<String, List<String>> values(List<Entry> entries) {
    var result = new Copy();
    entries.forEach(result);
    return result.values;
  }

  private static String record(long slice) {
    var record = ByteBuffer.allocate(24).putLong(4, slice);
    return new String(record.array(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aCounterThatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> filter.accept(string("usedSpace", "much")))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("usedSpace");
  }

  private List<Entry> finished() {
    filter.accept(string("nextchunk", "1000000000000"));
    assertThat(filter.finish(NOW)).isEqualTo(1_000_000_000_001L);
    copy.removeIf(entry -> entry.key().equals("nextchunk"));
    return copy;
  }

  private static Value string(String key, String text) {
    return new Value(key, ValueType.STRING, List.of(text));
  }

  private static Value hash(String key, String... parts) {
    return new Value(key, ValueType.HASH, List.of(parts));
  }

  private static Value inode(long inode, int links, long length) {
    var attributes = ByteBuffer.allocate(72).putInt(47, links).putLong(51, length);
    return string("i" + inode, new String(attributes.array(), StandardCharsets.ISO_8859_1));
  }
}
