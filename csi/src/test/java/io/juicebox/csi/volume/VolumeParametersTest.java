package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class VolumeParametersTest {
  private static final List<String> ALL =
      List.of(
          "allowWriteback",
          "backend",
          "blockSize",
          "bucketMode",
          "bufferSize",
          "cacheDir",
          "cacheMode",
          "cacheSize",
          "compression",
          "credentials",
          "downloadLimit",
          "gid",
          "inodes",
          "memoryLimit",
          "mode",
          "trashDays",
          "uid",
          "uploadLimit");

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertThat(VolumeParameters.from(Map.of()))
        .isEqualTo(
            new VolumeParameters(
                Optional.empty(),
                BucketMode.SHARED,
                Credentials.PER_VOLUME,
                new FormatParameters(Compression.NONE, 4L << 20, 0, 1_000_000),
                new RootDirectory(0, 0, 0777),
                CacheMode.STRICT,
                new MountParameters(
                    1L << 30,
                    Optional.empty(),
                    64L << 20,
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    false)));
  }

  @Test
  void everyParameterIsRead() {
    var parameters =
        Map.ofEntries(
            Map.entry("allowWriteback", "true"),
            Map.entry("backend", "second"),
            Map.entry("blockSize", "1Mi"),
            Map.entry("bucketMode", "dedicated"),
            Map.entry("bufferSize", "128Mi"),
            Map.entry("cacheDir", "/var/cache"),
            Map.entry("cacheMode", "exclusive"),
            Map.entry("cacheSize", "2Gi"),
            Map.entry("compression", "zstd"),
            Map.entry("credentials", "shared"),
            Map.entry("downloadLimit", "800"),
            Map.entry("gid", "1001"),
            Map.entry("inodes", "5000"),
            Map.entry("memoryLimit", "512Mi"),
            Map.entry("mode", "0750"),
            Map.entry("trashDays", "7"),
            Map.entry("uid", "1000"),
            Map.entry("uploadLimit", "400"));
    assertThat(parameters).containsOnlyKeys(ALL);
    assertThat(VolumeParameters.from(parameters))
        .isEqualTo(
            new VolumeParameters(
                Optional.of(new BackendName("second")),
                BucketMode.DEDICATED,
                Credentials.SHARED,
                new FormatParameters(Compression.ZSTD, 1L << 20, 7, 5000),
                new RootDirectory(1000, 1001, 0750),
                CacheMode.EXCLUSIVE,
                new MountParameters(
                    2L << 30,
                    Optional.of(Path.of("/var/cache")),
                    128L << 20,
                    OptionalLong.of(512L << 20),
                    OptionalLong.of(400),
                    OptionalLong.of(800),
                    true)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          allowWriteback | true
          allowWriteback | false
          backend        | a
          blockSize      | 64Ki
          blockSize      | 16Mi
          bucketMode     | shared
          bufferSize     | 16Mi
          bufferSize     | 16Gi
          cacheDir       | /mnt/nvme 1/cache
          cacheMode      | strict
          cacheSize      | 0
          compression    | none
          compression    | lz4
          downloadLimit  | 1
          gid            | 4294967294
          inodes         | 10
          memoryLimit    | 64Mi
          mode           | 700
          mode           | 07777
          trashDays      | 365
          uid            | 4294967294
          uploadLimit    | 1000000
          """)
  void validValueIsAccepted(String key, String value) {
    assertThat(VolumeParameters.from(Map.of(key, value))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          allowWriteback | ``
          allowWriteback | True
          allowWriteback | 1
          backend        | ``
          backend        | ../other
          backend        | UPPER
          blockSize      | 32Ki
          blockSize      | 32Mi
          blockSize      | 3Mi
          blockSize      | four
          bucketMode     | Shared
          bucketMode     | ``
          bufferSize     | 1Mi
          bufferSize     | 17Gi
          cacheDir       | ``
          cacheDir       | relative/path
          cacheDir       | /
          cacheDir       | /a/../etc
          cacheDir       | /a/./b
          cacheDir       | /a:/b
          cacheDir       | /a/*
          cacheDir       | /a/?
          cacheDir       | /a/[b]
          cacheDir       | /a\\b
          cacheDir       | /ä
          cacheMode      | loose
          cacheSize      | -1
          cacheSize      | 2Pi
          compression    | gzip
          compression    | LZ4
          credentials    | own
          credentials    | ``
          downloadLimit  | 0
          downloadLimit  | 1000001
          gid            | 4294967295
          gid            | -1
          inodes         | 9
          inodes         | 0
          inodes         | 99999999999999999999
          memoryLimit    | 1Mi
          mode           | rwxr-xr-x
          mode           | 8
          mode           | 0888
          mode           | 17777
          trashDays      | 366
          trashDays      | 1.5
          uid            | root
          uid            | 4294967295
          uploadLimit    | unlimited
          """)
  void wrongValueIsRefusedNamingTheKey(String key, String value) {
    assertThatThrownBy(() -> VolumeParameters.from(Map.of(key, value)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("parameters." + key + " is ");
  }

  @ParameterizedTest
  @CsvSource({"cacheDir", "backend", "mode", "uid", "compression", "cacheSize"})
  void controlCharactersAreRefusedAndPrintedEscaped(String key) {
    assertThatThrownBy(() -> VolumeParameters.from(Map.of(key, "/a\nb\0c")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("parameters." + key + " is \"/a\\u000ab\\u0000c\", not ");
  }

  @Test
  void overlongValueIsCutInTheMessage() {
    assertThatThrownBy(() -> VolumeParameters.from(Map.of("cacheDir", "/" + "x".repeat(100_000))))
        .isInstanceOf(InvalidRequest.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }

  @Test
  void unknownKeyIsRefusedListingTheValidOnes() {
    assertThatThrownBy(() -> VolumeParameters.from(Map.of("cachesize", "1Gi")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "parameters has the unknown key \"cachesize\"; valid are: " + String.join(", ", ALL));
  }

  @ParameterizedTest
  @CsvSource({
    "csi.storage.k8s.io/pvc/name",
    "csi.storage.k8s.io/fstype",
    "storage.kubernetes.io/csiProvisionerIdentity"
  })
  void keysOfTheProvisionerAreIgnored(String key) {
    assertThat(VolumeParameters.from(Map.of(key, "x"))).isEqualTo(VolumeParameters.from(Map.of()));
  }

  @Test
  void keysOfTheProvisionerAreNoPartOfTheCanonicalRequest() {
    assertThat(
            VolumeParameters.canonical(
                Map.of("inodes", "5000", "backend", "b", "csi.storage.k8s.io/pvc/name", "claim-7")))
        .isEqualTo(Map.of("backend", "b", "inodes", "5000"));
  }

  @Test
  void canonicalRequestIsOrderedByKey() {
    assertThat(VolumeParameters.canonical(Map.of("uid", "1", "backend", "b", "mode", "0700")))
        .containsExactly(
            Map.entry("backend", "b"), Map.entry("mode", "0700"), Map.entry("uid", "1"));
  }

  @ParameterizedTest
  @EnumSource(AccessMode.class)
  void onlySingleNodeModesAreCached(AccessMode mode) {
    assertThat(VolumeParameters.from(Map.of()).cacheClass(List.of(mode)))
        .isEqualTo(mode.singleNode() ? CacheClass.SINGLE : CacheClass.SHARED);
  }

  @Test
  void oneModeOfSeveralNodesMakesTheVolumeShared() {
    assertThat(VolumeParameters.from(Map.of()).cacheClass(EnumSet.allOf(AccessMode.class)))
        .isEqualTo(CacheClass.SHARED);
  }

  @Test
  void exclusiveCachesAreForSingleNodeModes() {
    var exclusive = VolumeParameters.from(Map.of("cacheMode", "exclusive"));
    assertThat(
            exclusive.cacheClass(
                List.of(AccessMode.SINGLE_NODE_WRITER, AccessMode.SINGLE_NODE_READER_ONLY)))
        .isEqualTo(CacheClass.EXCLUSIVE);
  }

  @Test
  void exclusiveCachesAreRefusedForSeveralNodes() {
    var exclusive = VolumeParameters.from(Map.of("cacheMode", "exclusive"));
    assertThatThrownBy(() ->
            exclusive.cacheClass(
                List.of(AccessMode.SINGLE_NODE_WRITER, AccessMode.MULTI_NODE_READER_ONLY)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("parameters.cacheMode ");
  }
}
