package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PvcNameTest {
  static Stream<Arguments> names() {
    return Stream.of(
        Arguments.of("default", "data-web-0"),
        Arguments.of("0", "a.b-c.0"),
        Arguments.of("n".repeat(63), "x".repeat(253)));
  }

  @ParameterizedTest
  @MethodSource
  void names(String namespace, String name) {
    assertThat(read(namespace, name)).contains(new PvcName(namespace, name));
    assertThat(new PvcName(namespace, name)).hasToString(namespace + "/" + name);
  }

  static Stream<Arguments> others() {
    return Stream.of(
        Arguments.of("", "data"),
        Arguments.of("default", ""),
        Arguments.of("Default", "data"),
        Arguments.of("a.b", "data"),
        Arguments.of("-a", "data"),
        Arguments.of("n".repeat(64), "data"),
        Arguments.of("default", "x".repeat(254)),
        Arguments.of("default", "x".repeat(1 << 20)),
        Arguments.of("default", "data\n"),
        Arguments.of("default\n", "data"),
        Arguments.of("default", "a..b"),
        Arguments.of("default", "a/../../secrets"),
        Arguments.of("default", "da ta"),
        Arguments.of("default", "a\",x=\"1"),
        Arguments.of("default", "\u0430"));
  }

  @ParameterizedTest
  @MethodSource
  void others(String namespace, String name) {
    assertThat(read(namespace, name)).isEmpty();
    assertThatThrownBy(() -> new PvcName(namespace, name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void halfAPairIsNone() {
    assertThat(PvcName.from(Map.of(PvcName.NAME_KEY, "data"))).isEmpty();
    assertThat(PvcName.from(Map.of(PvcName.NAMESPACE_KEY, "default"))).isEmpty();
    assertThat(PvcName.from(Map.of())).isEmpty();
  }

  private static Optional<PvcName> read(String namespace, String name) {
    return PvcName.from(Map.of(PvcName.NAMESPACE_KEY, namespace, PvcName.NAME_KEY, name));
  }
}
