package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VolumeContextTest {
  private static final VolumeContext PLAIN =
      context(CacheClass.SINGLE, VolumeParameters.from(Map.of()).mount());

  private static VolumeContext context(CacheClass cacheClass, MountParameters mount) {
    return new VolumeContext(
        Number.FIRST_VOLUME,
        new Lineage("default-abcdefghij0123456789"),
        UUID.fromString("0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f"),
        "juicebox",
        cacheClass,
        mount);
  }

  static Stream<VolumeContext> contexts() {
    var full =
        new MountParameters(
            5_000_000_000L,
            Optional.of(Path.of("/mnt/nvme 1")),
            256L << 20,
            OptionalLong.of(1L << 30),
            OptionalLong.of(100),
            OptionalLong.of(200),
            true);
    return Stream.of(PLAIN, context(CacheClass.SHARED, full), context(CacheClass.EXCLUSIVE, full));
  }

  @ParameterizedTest
  @MethodSource("contexts")
  void contextSurvivesTheMap(VolumeContext context) {
    assertThat(VolumeContext.from(context.toMap())).isEqualTo(context);
    assertThat(VolumeContext.from(context.toMap()).pvc()).isEmpty();
  }

  @Test
  void claimSurvivesTheMapAndIsNoPartOfTheMount() {
    var claim = Optional.of(new PvcName("team-a", "workspace"));
    var named = PLAIN.madeFor(claim);
    assertThat(named.toMap())
        .containsEntry("csi.storage.k8s.io/pvc/namespace", "team-a")
        .containsEntry("csi.storage.k8s.io/pvc/name", "workspace");
    assertThat(VolumeContext.from(named.toMap()).pvc()).isEqualTo(claim);
    assertThat(named).isEqualTo(PLAIN).hasSameHashCodeAs(PLAIN);
    assertThat(named).isNotEqualTo(context(CacheClass.SHARED, PLAIN.mount()).madeFor(claim));
  }

  @Test
  void aCopyTellsWhichVolumeItIs() {
    var first = new VolumeId("default-abcdefghij0123456789");
    var second = new VolumeId("default-zbcdefghij0123456789");
    var copy = PLAIN.ofCopy(second);
    assertThat(VolumeContext.from(copy.toMap())).isEqualTo(copy).isNotEqualTo(PLAIN);
    assertThat(copy.isOf(second)).isTrue();
    assertThat(copy.isOf(first)).isFalse();
    assertThat(PLAIN.isOf(first)).isTrue();
    assertThat(PLAIN.isOf(second)).isFalse();
    assertThat(PLAIN.toMap()).doesNotContainKey("copy");
  }

  @Test
  void claimThatIsNoneIsIgnored() {
    var map = new HashMap<>(PLAIN.madeFor(Optional.of(new PvcName("a", "b"))).toMap());
    map.put("csi.storage.k8s.io/pvc/name", "x\nlevel=ERROR");
    assertThat(VolumeContext.from(map).pvc()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "csi.storage.k8s.io/pod.name",
        "csi.storage.k8s.io/ephemeral",
        "storage.kubernetes.io/csiProvisionerIdentity"
      })
  void keysOfTheKubeletAreIgnored(String key) {
    assertThat(VolumeContext.from(with(key, "anything"))).isEqualTo(PLAIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"number", "lineage", "uuid", "bucket", "cacheClass"})
  void missingKeyIsNamed(String key) {
    var map = new HashMap<>(PLAIN.toMap());
    map.remove(key);
    assertThatThrownBy(() -> VolumeContext.from(map))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("volume_context." + key + " is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          number        | 0
          number        | 1
          number        | -1
          number        | 2147483648
          number        | 2 FLUSHALL
          lineage       | ../other
          lineage       | a/b/c
          lineage       | Upper-Case
          uuid          | 0b7f3c1e
          uuid          | 0B7F3C1E-9D58-4C0A-8F1E-2A3B4C5D6E7F
          uuid          | 1-1-1-1-1
          bucket        | ..
          bucket        | a..b
          bucket        | a/b
          bucket        | -o
          cacheClass    | SHARED
          cacheClass    | none
          cacheDir      | ../etc
          cacheDir      | /a/../etc
          cacheSize     | lots
          bufferSize    | 0
          memoryLimit   | 1
          uploadLimit   | 0
          downloadLimit | x
          """)
  void hostileValueIsRefusedNamingTheKey(String key, String value) {
    assertThatThrownBy(() -> VolumeContext.from(with(key, value)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("volume_context." + key + " is ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lineage", "uuid", "bucket", "number", "cacheClass", "cacheDir"})
  void lineBreaksAndNulAreRefused(String key) {
    String good = PLAIN.toMap().getOrDefault(key, "/cache");
    for (String bad : new String[] {good + "\n", good + "\0", "\n" + good}) {
      assertThatThrownBy(() -> VolumeContext.from(with(key, bad)))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageStartingWith("volume_context." + key + " is ");
    }
  }

  @Test
  void unknownKeyIsRefused() {
    assertThatThrownBy(() -> VolumeContext.from(with("redis-password", "x")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("volume_context has the unknown key \"redis-password\"");
  }

  private static Map<String, String> with(String key, String value) {
    var map = new HashMap<>(PLAIN.toMap());
    map.put(key, value);
    return map;
  }
}
