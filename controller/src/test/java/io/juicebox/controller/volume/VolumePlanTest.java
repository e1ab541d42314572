package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.volume.Capability.Access;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.PvcName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VolumePlanTest {
  private static final Capacity DEFAULT = new Capacity(10L << 30);
  private static final Capability RWO = mount(AccessMode.SINGLE_NODE_WRITER);
  private static final Capability RWX = mount(AccessMode.MULTI_NODE_MULTI_WRITER);

  @Test
  void anEmptyRequestGetsTheDefaults() {
    var plan = plan(CapacityRange.ANY, Map.of(), RWO);
    assertThat(plan.capacity()).isEqualTo(DEFAULT);
    assertThat(plan.cacheClass()).isEqualTo(CacheClass.SINGLE);
  }

  @Test
  void oneModeOfSeveralNodesDecidesTheCacheClass() {
    assertThat(plan(CapacityRange.ANY, Map.of(), RWO, RWX).cacheClass())
        .isEqualTo(CacheClass.SHARED);
  }

  @Test
  void theProvisionersClaimIsKnownToThePlan() {
    var parameters =
        Map.of(
            "csi.storage.k8s.io/pvc/name", "data",
            "csi.storage.k8s.io/pvc/namespace", "team-a",
            "csi.storage.k8s.io/pv/name", "pvc-1");
    assertThat(plan(CapacityRange.ANY, parameters, RWO).pvc())
        .contains(new PvcName("team-a", "data"));
    assertThat(plan(CapacityRange.ANY, Map.of(), RWO).pvc()).isEmpty();
  }

  static Stream<Arguments> sameRequests() {
    return Stream.of(
        Arguments.of(
            "the order of capabilities and doubles",
            plan(CapacityRange.ANY, Map.of(), RWO, RWX),
            plan(CapacityRange.ANY, Map.of(), RWX, RWO, RWX)),
        Arguments.of(
            "the order of parameters",
            plan(CapacityRange.ANY, Map.of("uid", "1", "gid", "2"), RWO),
            plan(CapacityRange.ANY, Map.of("gid", "2", "uid", "1"), RWO)),
        Arguments.of(
            "what the provisioner adds",
            plan(CapacityRange.ANY, Map.of(), RWO),
            plan(CapacityRange.ANY, Map.of("csi.storage.k8s.io/pvc/name", "data"), RWO)),
        Arguments.of(
            "the order of mount flags",
            plan(
                CapacityRange.ANY,
                Map.of(),
                mount(AccessMode.SINGLE_NODE_WRITER, "noexec", "noatime")),
            plan(
                CapacityRange.ANY,
                Map.of(),
                mount(AccessMode.SINGLE_NODE_WRITER, "noatime", "noexec"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void sameRequests(String what, VolumePlan one, VolumePlan other) {
    assertThat(one.canonical()).as(what).isEqualTo(other.canonical());
  }

  static Stream<Arguments> otherRequests() {
    return Stream.of(
        Arguments.of("required", plan(new CapacityRange(1L << 30, 0), Map.of(), RWO)),
        Arguments.of("limit", plan(new CapacityRange(0, 1L << 40), Map.of(), RWO)),
        Arguments.of("mode", plan(CapacityRange.ANY, Map.of(), RWX)),
        Arguments.of("one more mode", plan(CapacityRange.ANY, Map.of(), RWO, RWX)),
        Arguments.of("parameter", plan(CapacityRange.ANY, Map.of("uid", "1"), RWO)),
        Arguments.of(
            "flag",
            plan(CapacityRange.ANY, Map.of(), mount(AccessMode.SINGLE_NODE_WRITER, "noexec"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void otherRequests(String what, VolumePlan other) {
    assertThat(other.canonical())
        .as(what)
        .isNotEqualTo(plan(CapacityRange.ANY, Map.of(), RWO).canonical());
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(Map.of(), List.of(), "volume_capabilities is missing"),
        Arguments.of(
            Map.of(),
            List.of(
                RWO, new Capability(AccessMode.SINGLE_NODE_WRITER, Access.BLOCK, "", List.of())),
            "volume_capability.block is not offered"),
        Arguments.of(
            Map.of(),
            List.of(new Capability(AccessMode.SINGLE_NODE_WRITER, Access.MOUNT, "ext4", List.of())),
            "fs_type is \"ext4\""),
        Arguments.of(
            Map.of(), List.of(mount(AccessMode.SINGLE_NODE_WRITER, "bogus")), "unknown option"),
        Arguments.of(
            Map.of(), List.of(mount(AccessMode.SINGLE_NODE_WRITER, "writeback")), "writeback"),
        Arguments.of(Map.of("bogus", "1"), List.of(RWO), "unknown key \"bogus\""),
        Arguments.of(Map.of("cacheMode", "exclusive"), List.of(RWX), "single-node"));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource
  void refused(Map<String, String> parameters, List<Capability> capabilities, String message) {
    var request =
        new VolumeRequest("pvc-1", CapacityRange.ANY, capabilities, parameters, Optional.empty());
    assertThatThrownBy(() -> VolumePlan.of(request, DEFAULT, Optional.empty()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(message);
  }

  @Test
  void writebackIsAcceptedWhereTheStorageClassAllowsIt() {
    var plan =
        plan(
            CapacityRange.ANY,
            Map.of("allowWriteback", "true"),
            mount(AccessMode.SINGLE_NODE_WRITER, "writeback"));
    assertThat(plan.parameters().mount().allowWriteback()).isTrue();
  }

  @Test
  void aCapacityThatNoVolumeHasIsOutOfRange() {
    assertThatThrownBy(() -> plan(new CapacityRange(Long.MAX_VALUE, 0), Map.of(), RWO))
        .isInstanceOf(OutOfRange.class);
  }

  private static VolumePlan plan(
      CapacityRange range, Map<String, String> parameters, Capability... capabilities) {
    return VolumePlan.of(
        new VolumeRequest("pvc-1", range, List.of(capabilities), parameters, Optional.empty()),
        DEFAULT,
        Optional.empty());
  }

  private static Capability mount(AccessMode mode, String... flags) {
    return new Capability(mode, Access.MOUNT, "", List.of(flags));
  }
}
