package io.juicebox.csi.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.volume.BackendName;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SettingsReaderTest {
  @Test
  void everyMistakeIsReportedAtOnce() {
    var reader =
        new SettingsReader(
            Map.of(
                "WAIT", "soon",
                "SIZE", "10 GB",
                "SHARE", "90%",
                "COUNT", "0",
                "ADDRESS", "9808",
                "FOLDER", "run",
                "BACKEND", "No Name"));
    reader.required("NODE_ID", "none");
    reader.duration("WAIT", Duration.ofSeconds(1));
    reader.bytes("SIZE");
    reader.share("SHARE", 0.5);
    reader.number("COUNT", 1, 9);
    reader.address("ADDRESS", new InetSocketAddress(0));
    reader.directory("FOLDER", Path.of("/"));
    reader.parsed("BACKEND", BackendName::new);
    reader.problem("THIS", "is the caller's");
    assertThatThrownBy(reader::check)
        .isInstanceOf(InvalidSettings.class)
        .hasMessage(
            """
            invalid settings:
              NODE_ID is missing
              WAIT is "soon", not a duration such as 10s
              SIZE is "10 GB", not a size such as 10Gi
              SHARE is "90%", not a share above 0 and at most 1 such as 0.9
              COUNT is "0", not a whole number from 1 to 9
              ADDRESS is "9808", not an address such as 127.0.0.1:9808
              FOLDER is "run", not an absolute path without . and ..
              BACKEND a backend's name is 1 to 20 of a-z, 0-9 and inner hyphens: "No Name"
              THIS is the caller's\
            """);
  }

  @Test
  void nothingSetIsNoMistake() {
    var reader = new SettingsReader(Map.of("EMPTY", "", "BLANK", "  "));
    assertThat(reader.text("EMPTY")).isEmpty();
    assertThat(reader.bytes("BLANK")).isEmpty();
    assertThat(reader.number("ABSENT", 1, 2)).isEmpty();
    assertThat(reader.duration("ABSENT", Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
    assertThatCode(reader::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"1ms, PT0.001S", "10s, PT10S", "15m, PT15M", "1h, PT1H", "8760h, PT8760H"})
  void durationsAreRead(String text, Duration duration) {
    assertThat(reading(text).duration("X", Duration.ZERO)).isEqualTo(duration);
  }

  @Test
  void otherKindsAreRead() {
    assertThat(reading("10Gi").bytes("X")).contains(10L << 30);
    assertThat(reading("0.9").share("X", 0.1)).isEqualTo(0.9);
    assertThat(reading("7").number("X", 7, 7)).contains(7);
    assertThat(reading("/run/juicebox").directory("X", Path.of("/")))
        .isEqualTo(Path.of("/run/juicebox"));
    assertThat(reading("a").parsed("X", BackendName::new)).contains(new BackendName("a"));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9808, 127.0.0.1, 9808",
    ":9808, 127.0.0.1, 9808",
    "0.0.0.0:0, 0.0.0.0, 0",
    "[::1]:9808, ::1, 9808",
  })
  void addressesAreRead(String text, String host, int port) {
    assertThat(reading(text).address("X", new InetSocketAddress(1)))
        .isEqualTo(new InetSocketAddress(host, port));
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
            mistakes(
                reader -> reader.duration("X", Duration.ZERO),
                "0s",
                "-1s",
                "1",
                "1.5s",
                "1d",
                "10 s",
                "s",
                "9999999999s",
                "8761h",
                "1s\n"),
            mistakes(reader -> reader.bytes("X"), "-1", "1Q", "8Ei"),
            mistakes(reader -> reader.share("X", 0.1), "0", "1.01", "-0.5", "NaN", "half"),
            mistakes(reader -> reader.number("X", 1, 10), "0", "11", "1.0", "99999999999"),
            mistakes(
                reader -> reader.address("X", new InetSocketAddress(1)),
                "localhost",
                "127.0.0.1:",
                "127.0.0.1:65536",
                "127.0.0.1:-1",
                "http://127.0.0.1:80",
                "300.1.1.1.1:80"),
            mistakes(reader -> reader.directory("X", Path.of("/")), "a", "./a", "/a/../b", "/a\0"))
        .flatMap(each -> each);
  }

  private static Stream<Arguments> mistakes(Consumer<SettingsReader> read, String... texts) {
    return Stream.of(texts).map(text -> Arguments.of(text, read));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void otherTextsAreMistakes(String text, Consumer<SettingsReader> read) {
    var reader = reading(text);
    read.accept(reader);
    assertThatThrownBy(reader::check)
        .isInstanceOf(InvalidSettings.class)
        .hasMessageStartingWith("invalid settings:\n  X is \"");
  }

  private static SettingsReader reading(String text) {
    return new SettingsReader(Map.of("X", text));
  }

  @Test
  void aMistakeIsOneLine() {
    var reader = new SettingsReader(Map.of("PLACE", "a\nb"));
    var _ =
        reader.parsed(
            "PLACE",
            text -> {
              throw new IllegalArgumentException("is no place: " + text);
            });
    assertThatThrownBy(reader::check).hasMessageContaining("PLACE is no place: a\\u000ab");
  }
}
