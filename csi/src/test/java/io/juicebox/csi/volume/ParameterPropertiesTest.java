package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.volume.MountOptions.Flag;
import io.juicebox.test.input.Texts;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** StorageClass parameters, mount options and sizes, whatever a user has written. */
final class ParameterPropertiesTest {
  private static final Map<String, Arbitrary<String>> PARAMETERS =
      Map.ofEntries(
          Map.entry("allowWriteback", Arbitraries.of("true", "false")),
          Map.entry("backend", Arbitraries.of("default", "second-1", "a")),
          Map.entry("blockSize", Arbitraries.of("64Ki", "1Mi", "4194304", "16Mi")),
          Map.entry("bucketMode", Arbitraries.of("shared", "dedicated")),
          Map.entry("bufferSize", Arbitraries.of("16Mi", "1Gi", "16Gi", "16777217")),
          Map.entry("cacheDir", Arbitraries.of("/var/cache", "/a b/c", "/x/", "//var//x")),
          Map.entry("cacheMode", Arbitraries.of("strict", "exclusive")),
          Map.entry("cacheSize", Arbitraries.of("0", "2Gi", "1.5Gi", "1Pi")),
          Map.entry("compression", Arbitraries.of("none", "lz4", "zstd")),
          Map.entry("credentials", Arbitraries.of("perVolume", "shared")),
          Map.entry("downloadLimit", numbers(1, 1_000_000)),
          Map.entry("gid", numbers(0, RootDirectory.LARGEST_ID)),
          Map.entry("inodes", numbers(10, 1_000_000_000_000L)),
          Map.entry("memoryLimit", Arbitraries.of("64Mi", "512Mi", "16Ti")),
          Map.entry("mode", Arbitraries.of("0777", "750", "1777", "02770")),
          Map.entry("trashDays", numbers(0, 365)),
          Map.entry("uid", numbers(0, RootDirectory.LARGEST_ID)),
          Map.entry("uploadLimit", numbers(1, 1_000_000)));

  private static final Arbitrary<String> SECONDS =
      Combinators.combine(
              numbers(0, 999_999), Arbitraries.of("", ".5", ".125"), Arbitraries.of("", "s"))
          .as((whole, part, unit) -> whole + part + unit);

  private static final Arbitrary<String> VALUED =
      Arbitraries.oneOf(
          Combinators.combine(
                  Arbitraries.of("attr-cache", "entry-cache", "get-timeout", "open-cache"), SECONDS)
              .as((name, value) -> name + "=" + value),
          Combinators.combine(
                  Arbitraries.of("io-retries", "max-uploads", "prefetch"), numbers(0, 999_999_999))
              .as((name, value) -> name + "=" + value),
          Arbitraries.of(
              "atime-mode=relatime", "free-space-ratio=.1", "readdir-cache", "writeback"));

  private static final Arbitrary<String> FLAGS =
      Arbitraries.of("nodev", "dev", "nosuid", "suid", "noexec", "exec", "noatime", "rw");

  private static Arbitrary<String> numbers(long smallest, long largest) {
    return Arbitraries.longs().between(smallest, largest).map(String::valueOf);
  }

  @Provide
  Arbitrary<Map<String, String>> valid() {
    return Texts.maps(PARAMETERS);
  }

  @Provide
  Arbitrary<Map<String, String>> nearlyValid() {
    return Texts.mapsNear(PARAMETERS);
  }

  @Provide
  Arbitrary<String> option() {
    return Arbitraries.oneOf(FLAGS, VALUED);
  }

  @Provide
  Arbitrary<List<String>> validOptions() {
    return option().list().ofMaxSize(4).uniqueElements(text -> text.split("=", -1)[0]);
  }

  @Provide
  Arbitrary<List<String>> nearlyValidOptions() {
    return Arbitraries.frequencyOf(
            Tuple.of(3, option()), Tuple.of(2, Texts.near(option())), Tuple.of(1, Texts.any()))
        .list()
        .ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> texts() {
    return Texts.any();
  }

  @Provide
  Arbitrary<String> nearlyQuantity() {
    return Texts.near(
        Arbitraries.of("4Mi", "1.5Gi", "9223372036854775807", "8Ei", "7.999999999Ei"));
  }

  @Property
  void anyParametersAreReadOrRefused(@ForAll("nearlyValid") Map<String, String> map) {
    Read.orRefused("parameters", () -> VolumeParameters.from(map))
        .ifPresent(read -> assertThat(read.root().mode()).isBetween(0, 07777));
  }

  @Property
  void anyKeyAndValueAreReadOrRefused(@ForAll("texts") String key, @ForAll("texts") String value) {
    var _ = Read.orRefused("parameters", () -> VolumeParameters.from(Map.of(key, value)));
  }

  @Property
  void validParametersMeanWhatTheySay(@ForAll("valid") Map<String, String> map) {
    VolumeParameters read = VolumeParameters.from(map);
    assertThat(read.backend().map(BackendName::value))
        .isEqualTo(Optional.ofNullable(map.get("backend")));
    assertThat(ParameterReader.spelled(read.bucketMode()))
        .isEqualTo(map.getOrDefault("bucketMode", "shared"));
    assertThat(ParameterReader.spelled(read.credentials()))
        .isEqualTo(map.getOrDefault("credentials", "perVolume"));
    assertThat(ParameterReader.spelled(read.cacheMode()))
        .isEqualTo(map.getOrDefault("cacheMode", "strict"));
    assertThat(ParameterReader.spelled(read.format().compression()))
        .isEqualTo(map.getOrDefault("compression", "none"));
    assertThat(read.format().blockSize()).isEqualTo(bytes(map.getOrDefault("blockSize", "4Mi")));
    assertThat(read.format().trashDays())
        .isEqualTo(Integer.parseInt(map.getOrDefault("trashDays", "0")));
    assertThat(read.format().inodes())
        .isEqualTo(Long.parseLong(map.getOrDefault("inodes", "1000000")));
    assertThat(read.root())
        .isEqualTo(
            new RootDirectory(
                Long.parseLong(map.getOrDefault("uid", "0")),
                Long.parseLong(map.getOrDefault("gid", "0")),
                Integer.parseInt(map.getOrDefault("mode", "0777"), 8)));
    assertThat(read.mount()).isEqualTo(mount(map));
  }

  private static MountParameters mount(Map<String, String> map) {
    return new MountParameters(
        bytes(map.getOrDefault("cacheSize", "1Gi")),
        Optional.ofNullable(map.get("cacheDir")).map(Path::of),
        bytes(map.getOrDefault("bufferSize", "64Mi")),
        map.containsKey("memoryLimit")
            ? OptionalLong.of(bytes(map.get("memoryLimit")))
            : OptionalLong.empty(),
        number(map, "uploadLimit"),
        number(map, "downloadLimit"),
        map.getOrDefault("allowWriteback", "false").equals("true"));
  }

  private static OptionalLong number(Map<String, String> map, String key) {
    String text = map.get(key);
    return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  /** By hand, so that the reader isn't its own judge. */
  private static long bytes(String text) {
    int digits = (int) text.chars().takeWhile(c -> c == '.' || Character.isDigit(c)).count();
    int power =
        text.length() == digits ? 0 : "KMGTPE".indexOf(text.substring(digits).charAt(0)) + 1;
    return new BigDecimal(text.substring(0, digits))
        .multiply(new BigDecimal(BigInteger.TWO.pow(10 * power)))
        .longValueExact();
  }

  /** Whatever CreateVolume accepts, NodePublishVolume understands. */
  @Property
  void parametersOfAMountSurviveTheVolumeContext(@ForAll("nearlyValid") Map<String, String> map) {
    Read.orRefused("parameters", () -> VolumeParameters.from(map))
        .ifPresent(read -> {
          var context =
              new VolumeContext(
                  Number.FIRST_VOLUME,
                  new Lineage("default-abcdefghij0123456789"),
                  new UUID(1, 2),
                  "juicebox",
                  CacheClass.SINGLE,
                  read.mount());
          assertThat(VolumeContext.from(context.toMap()).mount()).isEqualTo(read.mount());
        });
  }

  @Property
  void anyMountOptionsAreReadOrRefused(@ForAll("nearlyValidOptions") List<String> options) {
    Read.orRefused("volume_capability.mount.mount_flags", () -> MountOptions.from(options, true))
        .ifPresent(read -> {
          // They become arguments of a process: of each only the shape that juicefs knows.
          read.juicefs()
              .forEach((name, value) ->
                  assertThat(name + "=" + value).matches("[a-z][a-z-]*=[a-z0-9.]*"));
        });
  }

  @Property
  void validMountOptionsMeanWhatTheySay(@ForAll("validOptions") List<String> options) {
    var expected = new TreeMap<String, String>();
    for (String option : options) {
      String[] parts = option.split("=", -1);
      if (parts.length == 2 || option.equals("writeback") || option.equals("readdir-cache")) {
        expected.put(parts[0], parts.length == 2 ? parts[1] : "");
      }
    }
    MountOptions apart = MountOptions.from(options, true);
    assertThat(apart.juicefs()).isEqualTo(expected);
    assertThat(apart.flags().contains(Flag.NODEV)).isEqualTo(isOn("nodev", "dev", options, true));
    assertThat(apart.flags().contains(Flag.NOSUID))
        .isEqualTo(isOn("nosuid", "suid", options, true));
    assertThat(apart.flags().contains(Flag.NOEXEC))
        .isEqualTo(isOn("noexec", "exec", options, false));
    if (!options.isEmpty()) {
      assertThat(MountOptions.from(List.of(String.join(",", options)), true)).isEqualTo(apart);
    }
    if (options.contains("writeback")) {
      assertThatThrownBy(() -> MountOptions.from(options, false))
          .isInstanceOf(InvalidRequest.class);
    }
  }

  /** The last of two words that say the opposite decides. */
  private static boolean isOn(String on, String off, List<String> options, boolean byDefault) {
    int last = Math.max(options.lastIndexOf(on), options.lastIndexOf(off));
    return last < 0 ? byDefault : options.get(last).equals(on);
  }

  @Property
  void anyQuantityIsBytesOrNone(@ForAll("nearlyQuantity") String text) {
    Quantity.tryParse(text).ifPresent(bytes -> assertThat(bytes).isNotNegative());
  }

  @Property
  void wholeQuantitiesMeanWhatTheySay(@ForAll long any) {
    long bytes = any & Long.MAX_VALUE;
    assertThat(Quantity.tryParse(Long.toString(bytes))).hasValue(bytes);
    assertThat(Quantity.tryParse((bytes >> 11) + "Ki")).hasValue(bytes >> 11 << 10);
    assertThat(Quantity.tryParse(bytes / 1000 + "k")).hasValue(bytes / 1000 * 1000);
  }

  @Property
  void anyCapacityRangeIsMetOrRefused(@ForAll long required, @ForAll long limit) {
    try {
      Capacity chosen = Capacity.choose(required, limit, new Capacity(10L << 30));
      assertThat(chosen.bytes()).isGreaterThanOrEqualTo(required);
      assertThat(chosen).isBetween(Capacity.SMALLEST, Capacity.LARGEST);
      if (limit > 0) {
        assertThat(chosen.bytes()).isLessThanOrEqualTo(limit);
      }
    } catch (InvalidRequest | OutOfRange e) {
      assertThat(e).hasMessageStartingWith("capacity_range.");
    }
  }
}
