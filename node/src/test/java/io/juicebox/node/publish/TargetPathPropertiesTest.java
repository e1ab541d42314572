package io.juicebox.node.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.test.input.Texts;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a CO names as a target path, or a pod as its group. */
final class TargetPathPropertiesTest {
  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.oneOf(
        Texts.any(),
        Texts.any().map(text -> "/var/lib/" + text),
        Texts.near(
            Arbitraries.of("/var/lib/kubelet/pods/1/volumes/kubernetes.io~csi/pvc-1/mount")));
  }

  @Provide
  Arbitrary<String> groups() {
    return Arbitraries.oneOf(Texts.any(), Texts.near(Arbitraries.of("0", "2000", "4294967294")));
  }

  @Property
  void anyTextIsATargetOrRefused(@ForAll("paths") String text) {
    try {
      Path path = TargetPath.parse("target_path", text).path();
      assertThat(path).isAbsolute().isNormalized();
      assertThat(path.getNameCount()).isPositive();
      assertThat(text.split("/", -1)).doesNotContain("..");
    } catch (InvalidRequest e) {
      requireNamed("target_path", e);
    }
  }

  @Property
  void anyTextIsAGroupOrRefused(@ForAll("groups") String text) {
    try {
      assertThat(MountGroup.parse("volume_mount_group", text).toString()).isEqualTo(text);
    } catch (InvalidRequest e) {
      requireNamed("volume_mount_group", e);
    }
  }

  private static void requireNamed(String field, InvalidRequest refusal) {
    String message = String.valueOf(refusal.getMessage());
    assertThat(message).startsWith(field + " ");
    assertThat(message.chars().filter(Character::isISOControl).count()).isZero();
  }
}
