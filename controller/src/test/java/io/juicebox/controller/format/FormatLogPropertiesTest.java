package io.juicebox.controller.format;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.input.Texts;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a juicefs prints. */
final class FormatLogPropertiesTest {
  @Provide
  Arbitrary<List<String>> logs() {
    return Arbitraries.oneOf(
            Texts.any(),
            Texts.near(
                Arbitraries.of(
                    "2026/01/01 12:00:00.000000 juicefs[1] <FATAL>: no: such thing [format.go:1]",
                    "2026/01/01 12:00:00.000000 juicefs[1] <INFO>: Volume is formatted as {",
                    "  \"Name\": \"x\",",
                    "} [format.go:2]")))
        .list()
        .ofMaxSize(6)
        .map(texts -> texts.stream().map(text -> text + "\n").collect(joining()).lines().toList());
  }

  @Property
  void anyLogHasAComplaintOfOneLine(@ForAll("logs") List<String> log) {
    String complaint = FormatLog.complaint(log);
    assertThat(complaint).isNotBlank();
    assertThat(complaint.lines()).hasSize(1);
    assertThat(log)
        .satisfiesAnyOf(
            lines -> assertThat(lines).anyMatch(line -> line.contains(complaint)),
            lines -> assertThat(complaint).isEqualTo("it printed nothing"));
  }

  @Property
  void anyLogHasASettingOrNone(@ForAll("logs") List<String> log) {
    FormatLog.setting(log)
        .ifPresent(setting -> assertThat(String.join("\n", log)).contains(setting));
  }
}
