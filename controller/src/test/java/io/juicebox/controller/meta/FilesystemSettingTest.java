package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FilesystemSettingTest {
  private static final String TEXT =
      """
      {
      "Name": "default-abcdefghij0123456789",
      "UUID": "4f378385-306e-42e5-bee3-3d0f283dcdd7",
      "Storage": "minio",
      "Tiers": {"0": {"ID": 0, "StorageClass": "", "Tag": ""}},
      "Bucket": "http://127.0.0.1:29000/juicebox",
      "Capacity": 1073741824,
      "Inodes": 1000000,
      "SomethingNew": 9007199254740993,
      "EnableACL": false
      }\
      """;

  @Test
  void whatJuicefsWroteIsUnderstood() {
    assertThat(FilesystemSetting.parse(TEXT))
        .contains(
            new FilesystemSetting(
                UUID.fromString("4f378385-306e-42e5-bee3-3d0f283dcdd7"),
                "default-abcdefghij0123456789",
                "http://127.0.0.1:29000/juicebox",
                1073741824,
                1000000));
  }

  @Test
  void anotherCapacityLeavesEverythingElse() {
    assertThat(FilesystemSetting.withCapacity(TEXT, 4096))
        .isEqualTo(TEXT.replace("1073741824", "4096").replaceAll("[\\n ]", ""));
  }

  @Test
  void anythingElseIsNoSetting() {
    for (String text : new String[] {"", "hello", "[]", "{}", "{\"UUID\": \"x\"}", "5"}) {
      assertThat(FilesystemSetting.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void aCopyMayDifferInWhatIsNotInItsBlocks() {
    assertThat(
            FilesystemSetting.haveSameBlocks(
                TEXT, TEXT.replace("4f378385", "00000000").replace("1073741824", "4096")))
        .isTrue();
    for (String other :
        List.of(
            TEXT.replace("abcdefghij", "zzzzzzzzzz"),
            TEXT.replaceFirst("\\{", "{\"BlockSize\": 1024,"),
            TEXT.replaceFirst("\\{", "{\"HashPrefix\": true,"),
            "{}",
            "no setting")) {
      assertThat(other).isNotEqualTo(TEXT);
      assertThat(FilesystemSetting.haveSameBlocks(TEXT, other)).as(other).isFalse();
    }
    assertThat(FilesystemSetting.haveSameBlocks("no setting", "no setting")).isFalse();
  }
}
