package io.juicebox.controller.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.collector.BlockKeys.Block;
import io.juicebox.controller.meta.Slice;
import io.juicebox.csi.volume.Lineage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockKeysTest {
  private static final int MIB = 1 << 20;
  private static final long ID = 1_000_000_012_345L;
  private static final String FOLDER = "lineage/chunks/1000000/1000000012/";

  private final BlockKeys keys = new BlockKeys(new Lineage("lineage"));

  @Test
  void theLastBlockIsShorter() {
    assertThat(keys.of(new Slice(ID, 9 * MIB + 5), 4 * MIB))
        .containsExactly(
            FOLDER + ID + "_0_4194304", FOLDER + ID + "_1_4194304", FOLDER + ID + "_2_1048581");
  }

  @ParameterizedTest
  @CsvSource({"1, 4194304", "4194303, 4194304", "4194304, 4194304"})
  void oneBlockIsAsLongAsItsSlice(long size, int blockSize) {
    assertThat(keys.of(new Slice(ID, size), blockSize)).containsExactly(FOLDER + ID + "_0_" + size);
  }

  @Test
  void anExactMultipleHasNoEmptyBlock() {
    assertThat(keys.of(new Slice(ID, 8 * MIB), 4 * MIB))
        .containsExactly(FOLDER + ID + "_0_4194304", FOLDER + ID + "_1_4194304");
  }

  @Test
  void theLargestSliceInTheSmallestBlocks() {
    List<String> all = keys.of(new Slice(ID, 64 * MIB), 64 << 10);
    assertThat(all).hasSize(1024).doesNotHaveDuplicates();
    assertThat(all.getLast()).isEqualTo(FOLDER + ID + "_1023_65536");
  }

  @Test
  void aKeyTellsSliceAndBytes() {
    assertThat(keys.parse(FOLDER + ID + "_2_1048581")).contains(new Block(ID, 1_048_581));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lineage/owner",
        "lineage/chunks/1/2/3",
        "lineage/chunks/1/2/3_4",
        "lineage/chunks/1/2/3_4_x",
        "lineage/other/1/2/3_4_5",
        "lineage2/chunks/1/2/3_4_5",
        "chunks/1/2/3_4_5"
      })
  void otherKeysAreNoBlocks(String key) {
    assertThat(keys.parse(key)).isEmpty();
  }

  @Test
  void aSlicesBlocksBeginWithItsId() {
    assertThat(keys.of(new Slice(ID, 1), MIB))
        .allMatch(key -> key.startsWith(keys.ofSlice(ID)) && key.startsWith(keys.all()));
    assertThat(keys.of(new Slice(ID * 10, 1), MIB))
        .noneMatch(key -> key.startsWith(keys.ofSlice(ID)));
  }

  @Test
  void aBlockInAnotherPlaceThanItsSlicesIsNone() {
    assertThat(keys.parse("lineage/chunks/2000000/2000000012/" + ID + "_0_5")).isEmpty();
    assertThat(keys.parse("lineage/chunks/01000000/1000000012/" + ID + "_0_5")).isEmpty();
  }

  @Test
  void aKeyCannotTellMoreBytesThanASliceHas() {
    assertThat(keys.parse(FOLDER + ID + "_0_999999999999999999")).contains(new Block(ID, 64 * MIB));
  }
}
