package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.input.Texts;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Volume ids and contexts, whatever somebody has written into a PersistentVolume. */
final class ContextPropertiesTest {
  private static final String ID = "default-abcdefghij0123456789";

  private static final Map<String, String> CONTEXT =
      Map.of(
          "number", "2",
          "lineage", ID,
          "uuid", "0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f",
          "bucket", "juicebox",
          "cacheClass", "single");

  private static final Map<String, Arbitrary<String>> OPTIONAL =
      Map.of(
          "cacheSize",
          Arbitraries.of("0", "1073741824"),
          "cacheDir",
          Arbitraries.of("/var/cache", "/a b"),
          "bufferSize",
          Arbitraries.of("67108864"),
          "memoryLimit",
          Arbitraries.of("536870912"),
          "uploadLimit",
          Arbitraries.of("100"),
          "allowWriteback",
          Arbitraries.of("true"),
          PvcName.NAMESPACE_KEY,
          Arbitraries.of("default", "team-a"),
          PvcName.NAME_KEY,
          Arbitraries.of("data", "data.of.web-0"),
          "csi.storage.k8s.io/pod.name",
          Arbitraries.of("web-0"));

  @Provide
  Arbitrary<Map<String, String>> contexts() {
    var all = new HashMap<>(OPTIONAL);
    CONTEXT.forEach((key, value) -> all.put(key, Arbitraries.just(value)));
    return Texts.mapsNear(all)
        .map(near -> {
          // Else nearly all would be refused for what they lack.
          var map = new HashMap<>(CONTEXT);
          map.putAll(near);
          return Map.copyOf(map);
        });
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Texts.any(),
        Texts.near(
            Arbitraries.of(
                ID, "a", "web.default", "0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f", "x".repeat(63))));
  }

  @Property
  void anyContextIsReadOrRefused(@ForAll("contexts") Map<String, String> map) {
    Read.orRefused("volume_context", () -> VolumeContext.from(map))
        .ifPresent(context -> {
          VolumeContext again = VolumeContext.from(context.toMap());
          assertThat(again).isEqualTo(context);
          assertThat(again.pvc()).isEqualTo(context.pvc());
        });
  }

  @Property
  void anyTextIsAVolumeIdOrNone(@ForAll("texts") String text) {
    VolumeId.tryParse(text)
        .ifPresent(id -> {
          // Fit for a file name, a Redis key and an object key as it stands.
          assertThat(text).matches("[a-z0-9-]{22,41}").isEqualTo(id.value());
          assertThat(text).startsWith(id.backend().value() + "-");
          assertThat(Lineage.startedBy(id).ownerKey()).isEqualTo(text + "/owner");
        });
  }

  @Property
  void anyPairOfTextsIsAClaimOrNone(
      @ForAll("texts") String namespace, @ForAll("texts") String name) {
    PvcName.from(Map.of(PvcName.NAMESPACE_KEY, namespace, PvcName.NAME_KEY, name))
        .ifPresent(
            claim -> assertThat(claim.toString()).matches("[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}"));
  }
}
