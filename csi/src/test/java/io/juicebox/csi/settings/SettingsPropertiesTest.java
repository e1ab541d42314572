package io.juicebox.csi.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.server.Endpoint;
import io.juicebox.test.input.Texts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Every kind of setting, whatever the environment says. */
final class SettingsPropertiesTest {
  private static final String NAME = "SETTING";
  private static final InetSocketAddress NOWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private static final List<Function<SettingsReader, Object>> KINDS =
      List.of(
          reader -> reader.text(NAME),
          reader -> reader.required(NAME, ""),
          reader -> reader.duration(NAME, Duration.ZERO),
          reader -> reader.bytes(NAME),
          reader -> reader.number(NAME, 1, 100),
          reader -> reader.share(NAME, 0.5),
          reader -> reader.directory(NAME, Path.of("/")),
          reader -> reader.parsed(NAME, Endpoint::parse));

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.oneOf(
        Texts.any(),
        Texts.near(
            Arbitraries.of(
                "500ms", "8760h", "10Gi", "99", "0.9", "/var/lib", "unix:///run/csi.sock")));
  }

  /** Host names would be looked up, so these are none. */
  @Provide
  Arbitrary<String> addresses() {
    return Combinators.combine(
            Arbitraries.of("", "127.0.0.1", "[::1]", "0.0.0.0", "[", "[::1", "[:::]", "1.2.3.4"),
            Arbitraries.oneOf(
                Texts.any().filter(text -> text.indexOf(':') < 0), Arbitraries.of("80")))
        .as((host, port) -> host + ":" + port);
  }

  @Property
  void anyValueIsReadOrNoted(@ForAll("values") String value) {
    var reader = new SettingsReader(Map.of(NAME, value));
    KINDS.forEach(kind -> assertThat(kind.apply(reader)).isNotNull());
    readOrNoted(reader);
  }

  @Property
  void anyAddressIsReadOrNoted(@ForAll("addresses") String value) {
    var reader = new SettingsReader(Map.of(NAME, value));
    assertThat(reader.address(NAME, NOWHERE).isUnresolved()).isFalse();
    readOrNoted(reader);
  }

  private static void readOrNoted(SettingsReader reader) {
    try {
      reader.check();
    } catch (InvalidSettings e) {
      assertThat(String.valueOf(e.getMessage()).lines().skip(1))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).startsWith("  " + NAME + " "));
    }
  }

  @Property
  void everyMistakeIsTold(@ForAll("values") String value) {
    var mistakes = new ArrayList<String>();
    for (int i = 0; i < 3; i++) {
      var reader = new SettingsReader(Map.of("S" + i, value));
      if (reader.number("S" + i, 1, 100).isEmpty() && !value.isBlank()) {
        mistakes.add("S" + i);
      }
    }
    var all = new SettingsReader(Map.of("S0", value, "S1", value, "S2", value));
    for (int i = 0; i < 3; i++) {
      var _ = all.number("S" + i, 1, 100);
    }
    if (!mistakes.isEmpty()) {
      assertThatThrownBy(all::check)
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContainingAll(mistakes.toArray(String[]::new));
    }
  }

  @Property
  void durationsMeanWhatTheySay(@ForAll("counts") int count, @ForAll("units") String unit) {
    Duration expected =
        switch (unit) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofHours(count);
        };
    var reader = new SettingsReader(Map.of(NAME, count + unit));
    assertThat(reader.duration(NAME, Duration.ZERO)).isEqualTo(expected);
    reader.check();
  }

  @Provide
  Arbitrary<Integer> counts() {
    return Arbitraries.integers().between(1, 8760);
  }

  @Provide
  Arbitrary<String> units() {
    return Arbitraries.of("ms", "s", "m", "h");
  }
}
