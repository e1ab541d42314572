package io.juicebox.node.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetPathTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "relative/path",
        "/",
        "///",
        "/.",
        "/a/../b",
        "/a/..",
        "/..",
        "/a\nb",
        "/a\u0000b",
        "/a\u007fb",
        "/a\tb"
      })
  void isRefusedWithTheFieldsName(String text) {
    assertThatThrownBy(() -> TargetPath.parse("target_path", text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("target_path ");
  }

  @Test
  void lengthsOfTheKernelAreKept() {
    assertThatThrownBy(() -> TargetPath.parse("target_path", "/" + "a".repeat(256)))
        .hasMessageContaining("255");
    assertThatThrownBy(() -> TargetPath.parse("target_path", "/a".repeat(2048)))
        .hasMessageContaining("4095");
    assertThat(TargetPath.parse("target_path", "/a".repeat(2047)).path().getNameCount())
        .isEqualTo(2047);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/b", "/a//b", "/a/./b", "/a/b/", "//a/b"})
  void spellingsOfOnePathAreOne(String text) {
    assertThat(TargetPath.parse("target_path", text).path()).isEqualTo(Path.of("/a/b"));
  }

  @Test
  void dotsWithinNamesAreNames() {
    assertThat(TargetPath.parse("target_path", "/a..b/..c").path()).isEqualTo(Path.of("/a..b/..c"));
  }

  @Test
  void longDeepPathBelow4096IsTaken() {
    assertThat(TargetPath.parse("target_path", "/" + "ab/".repeat(1300)).path().toString())
        .hasSizeGreaterThan(3800);
  }
}
