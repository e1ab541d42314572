package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** BackendName, VolumeId, CredentialName, Lineage, Number and Member. */
final class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "default", "eu-west-1", "a--b", "abcdefghij0123456789"})
  void backendNameIsAShortLabel(String text) {
    assertThat(new BackendName(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "a/b",
        "..",
        "a\n",
        "a\0b",
        "ä",
        "a b",
        "abcdefghij01234567890"
      })
  void otherBackendNamesAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> new BackendName(text));
  }

  @ParameterizedTest
  @CsvSource({
    "a-abcdefghij0123456789, a",
    "default-abcdefghij0123456789, default",
    "eu-west-1-abcdefghij0123456789, eu-west-1",
    "abcdefghij0123456789-abcdefghij0123456789, abcdefghij0123456789",
  })
  void volumeIdTellsItsBackend(String id, String backend) {
    assertThat(VolumeId.tryParse(id).map(VolumeId::backend)).contains(new BackendName(backend));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "default",
        "default-",
        "abcdefghij0123456789",
        "-abcdefghij0123456789",
        "default-abcdefghij012345678",
        "default-abcdefghij01234567890",
        "default-abcdefghij012345678A",
        "Default-abcdefghij0123456789",
        "default--abcdefghij0123456789",
        "abcdefghij01234567890-abcdefghij0123456789",
        "default-abcdefghij0123456789\n",
        "\ndefault-abcdefghij0123456789",
        "default-abcdefghij012345678\0",
        "../default-abcdefghij0123456789",
        "default-abcdefghij0123456789/..",
        "default-äbcdefghij0123456789",
        "default:abcdefghij0123456789"
      })
  void otherTextsAreNoVolumeId(String text) {
    assertThat(VolumeId.tryParse(text)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> new VolumeId(text));
  }

  @Test
  void randomIdsDifferAndReadBack() {
    var backend = new BackendName("eu-west-1");
    var seen = new HashSet<VolumeId>();
    for (int i = 0; i < 1000; i++) {
      seen.add(VolumeId.random(backend));
    }
    assertThat(seen)
        .hasSize(1000)
        .allMatch(id -> VolumeId.tryParse(id.value()).equals(Optional.of(id)))
        .allMatch(id -> id.backend().equals(backend));
  }

  @Test
  void lineageIsNamedAfterItsFirstVolume() {
    var lineage = Lineage.startedBy(new VolumeId("default-abcdefghij0123456789"));
    assertThat(lineage).hasToString("default-abcdefghij0123456789");
    assertThat(lineage.prefix()).isEqualTo("default-abcdefghij0123456789/");
    assertThat(lineage.ownerKey()).isEqualTo("default-abcdefghij0123456789/owner");
  }

  @Test
  void longestVolumeIdIsALineage() {
    var id = VolumeId.random(new BackendName("abcdefghij0123456789"));
    assertThat(Lineage.startedBy(id).value()).hasSize(41);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ab", "-ab", "ab-", "aBc", "a/b", "../a", "abc\n", "a\0b", "a b"})
  void otherTextsAreNoLineage(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Lineage(text));
  }

  @Test
  void lineageHasAtMost63Characters() {
    assertThat(new Lineage("a".repeat(63)).value()).hasSize(63);
    assertThatIllegalArgumentException().isThrownBy(() -> new Lineage("a".repeat(64)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1000000000000", "2, 2000000000000", "9223371, 9223371000000000000"})
  void memberHasARangeOfItsOwn(int member, long firstSlice) {
    assertThat(new Member(member).firstSlice()).isEqualTo(firstSlice);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 9_223_372, Integer.MAX_VALUE})
  void memberOutsideTheSliceIdsIsRefused(int member) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Member(member));
  }

  @Test
  void numbersBeginWithZero() {
    assertThat(new Number(0)).isLessThan(Number.REGISTRY);
    assertThat(Number.REGISTRY).isLessThan(Number.FIRST_VOLUME);
    assertThatIllegalArgumentException().isThrownBy(() -> new Number(-1));
  }

  @Test
  void aCredentialNameSaysWhoseItIs() {
    var volume = VolumeId.random(new BackendName("default"));
    for (int generation : new int[] {1, 2, 10, 999_999_999}) {
      var name = new CredentialName(volume, generation);
      assertThat(CredentialName.tryParse(name.value())).contains(name);
    }
    assertThat(CredentialName.first(volume)).hasToString(volume.value());
    assertThat(new CredentialName(volume, 2)).hasToString(volume + ".2");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".0", ".1", ".-2", ".02", ".2.3", ".2x", "2", ".9999999999"})
  void otherCredentialNamesAreNobodys(String end) {
    var volume = VolumeId.random(new BackendName("default"));
    assertThat(CredentialName.tryParse(volume + end)).isEmpty();
    assertThat(CredentialName.tryParse("somebody" + end)).isEmpty();
  }
}
