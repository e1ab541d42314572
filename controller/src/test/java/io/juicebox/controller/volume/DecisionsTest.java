package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.meta.Usage;
import io.juicebox.controller.registry.BlockFormat;
import io.juicebox.controller.registry.Room;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.controller.volume.CheckHealth.Finding;
import io.juicebox.controller.volume.CheckHealth.Metadata;
import io.juicebox.controller.volume.VolumeHealth.Cause;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.csi.volume.VolumeParameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DecisionsTest {
  private static final long MI = 1L << 20;
  private static final Capacity TEN_MI = new Capacity(10 * MI);
  private static final VolumeRecord VOLUME = volume(CacheClass.SINGLE);

  @ParameterizedTest(name = "10 Mi, required {0}, limit {1} -> {2}")
  @CsvSource({
    "20971520, 0, 20971520",
    "20971520, 20971520, 20971520",
    "20971521, 0, 20975616",
    "10485760, 0, 10485760",
    "5242880, 0, 10485760",
    "5242880, 6291456, 10485760",
    "0, 10485760, 10485760",
    "0, 20971520, 10485760",
  })
  void aVolumeGrowsToWhatIsRequiredAndNeverShrinks(long required, long limit, long expected) {
    assertThat(ExpandVolume.decide(TEN_MI, new CapacityRange(required, limit)))
        .isEqualTo(new Capacity(expected));
  }

  static Stream<Arguments> impossibleRanges() {
    return Stream.of(
        Arguments.of(CapacityRange.ANY, InvalidRequest.class),
        Arguments.of(new CapacityRange(-1, 0), InvalidRequest.class),
        Arguments.of(new CapacityRange(0, -1), InvalidRequest.class),
        Arguments.of(new CapacityRange(20 * MI, 15 * MI), InvalidRequest.class),
        Arguments.of(new CapacityRange(0, 5 * MI), OutOfRange.class),
        Arguments.of(new CapacityRange(20 * MI + 1, 20 * MI + 2), OutOfRange.class),
        Arguments.of(new CapacityRange(Long.MAX_VALUE, 0), OutOfRange.class));
  }

  @ParameterizedTest
  @MethodSource
  void impossibleRanges(CapacityRange range, Class<? extends DriverException> failure) {
    assertThatThrownBy(() -> ExpandVolume.decide(TEN_MI, range)).isInstanceOf(failure);
  }

  @ParameterizedTest(name = "pool 10 Mi, {0} taken, number left {1} -> {2}")
  @CsvSource({
    "0, true, 10485760",
    "0, false, 0",
    "4194304, true, 6291456",
    "10485759, true, 0",
    "10485760, true, 0",
    "99999999, true, 0",
  })
  void whatIsLeftOfThePool(long taken, boolean numberLeft, long expected) {
    assertThat(AvailableCapacity.decide(TEN_MI, new Room(taken, numberLeft))).isEqualTo(expected);
  }

  static Stream<Arguments> objections() {
    var context = VOLUME.context().orElseThrow().toMap();
    var other = new HashMap<>(context);
    other.put("number", "77");
    return Stream.of(
        Arguments.of(mount(AccessMode.SINGLE_NODE_WRITER), Map.of(), Map.of(), ""),
        Arguments.of(mount(AccessMode.SINGLE_NODE_READER_ONLY), context, Map.of("uid", "5"), ""),
        Arguments.of(
            mount(AccessMode.MULTI_NODE_MULTI_WRITER), Map.of(), Map.of(), "single-node access"),
        Arguments.of(mount(AccessMode.SINGLE_NODE_WRITER), other, Map.of(), "not the volume's"),
        Arguments.of(
            mount(AccessMode.SINGLE_NODE_WRITER), Map.of("a", "b"), Map.of(), "volume_context"),
        Arguments.of(
            mount(AccessMode.SINGLE_NODE_WRITER),
            Map.of(),
            Map.of("uid", "5", "cacheSize", "5Gi"),
            "not those"),
        Arguments.of(
            mount(AccessMode.SINGLE_NODE_WRITER), Map.of(), Map.of("bogus", "1"), "unknown key"),
        Arguments.of(
            new Capability(AccessMode.SINGLE_NODE_WRITER, Access.BLOCK, "", List.of()),
            Map.of(),
            Map.of(),
            "block is not offered"));
  }

  @ParameterizedTest(name = "{0} {1} {2} -> {3}")
  @MethodSource
  void objections(
      Capability capability,
      Map<String, String> context,
      Map<String, String> parameters,
      String objection) {
    var found = ValidateCapabilities.decide(VOLUME, List.of(capability), context, parameters);
    if (objection.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).hasValueSatisfying(text -> assertThat(text).contains(objection));
    }
  }

  @Test
  void aSharedVolumeServesEveryMode() {
    for (AccessMode mode : AccessMode.values()) {
      assertThat(
              ValidateCapabilities.decide(
                  volume(CacheClass.SHARED), List.of(mount(mode)), Map.of(), Map.of()))
          .isEmpty();
    }
  }

  static Stream<Arguments> conditions() {
    return Stream.of(
        Arguments.of(found(0, 0), Optional.empty(), List.of()),
        Arguments.of(found(10 * MI - 1, 99), Optional.empty(), List.of()),
        Arguments.of(found(10 * MI, 0), Optional.empty(), List.of(Cause.CAPACITY_EXHAUSTED)),
        Arguments.of(
            found(11 * MI, 100),
            Optional.empty(),
            List.of(Cause.CAPACITY_EXHAUSTED, Cause.INODES_EXHAUSTED)),
        Arguments.of(new Metadata.Missing(), Optional.empty(), List.of(Cause.FILESYSTEM_MISSING)),
        Arguments.of(
            new Metadata.Replaced("other"), Optional.empty(), List.of(Cause.FILESYSTEM_REPLACED)),
        Arguments.of(
            found(10 * MI, 0),
            Optional.of(new Finding(Cause.OBJECT_STORE_UNAVAILABLE, "refused")),
            List.of(Cause.OBJECT_STORE_UNAVAILABLE, Cause.CAPACITY_EXHAUSTED)));
  }

  @ParameterizedTest
  @MethodSource
  void conditions(Metadata metadata, Optional<Finding> bucket, List<Cause> expected) {
    assertThat(CheckHealth.decide(VOLUME, metadata, bucket))
        .extracting(Finding::cause)
        .isEqualTo(expected);
  }

  @Test
  void stepsAreNamedByWhatWasDone() {
    assertThat(ControllerStep.CREATE_FORMATTED.label()).isEqualTo("create.formatted");
  }

  private static Metadata found(long bytes, long inodes) {
    return new Metadata.Found(
        new FilesystemSetting(UUID.randomUUID(), "name", "bucket", 10 * MI, 100),
        new Usage(bytes, inodes));
  }

  private static Capability mount(AccessMode mode) {
    return new Capability(mode, Access.MOUNT, "", List.of());
  }

  private static VolumeRecord volume(CacheClass cacheClass) {
    var id = VolumeId.random(new BackendName("default"));
    var lineage = Lineage.startedBy(id);
    return new VolumeRecord(
        id,
        "pvc-1",
        "{\"parameters\":{\"uid\":\"5\"}}",
        State.READY,
        Number.FIRST_VOLUME,
        lineage,
        Member.FIRST,
        TEN_MI,
        "juicebox",
        BucketMode.SHARED,
        Credentials.SHARED,
        Optional.of(new BlockFormat(4L << 20, Compression.NONE)),
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new VolumeContext(
                Number.FIRST_VOLUME,
                lineage,
                new UUID(1, 2),
                "juicebox",
                cacheClass,
                VolumeParameters.from(Map.of()).mount())));
  }
}
