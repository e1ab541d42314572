package io.juicebox.csi.status;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrintableTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          plain text        | plain text
          grüße 😀          | grüße 😀
          back\\\\slash     | back\\\\slash
          line\\nbreak      | line\\u000abreak
          nul\\0            | nul\\u0000
          escape\\033[31m   | escape\\u001b[31m
          next\\205line     | next\\u0085line
          """)
  void whatDoesNotPrintIsEscaped(String text, String printed) {
    assertThat(Printable.bare(text.translateEscapes())).isEqualTo(printed);
  }

  @ParameterizedTest
  @CsvSource({"0x202e", "0x2028", "0x2029", "0xfeff", "0xd800", "0xe000", "0xffff", "0xe0001"})
  void whatMisleadsAReaderIsEscaped(int codePoint) {
    assertThat(Printable.bare(Character.toString(codePoint)))
        .isEqualTo("\\u%04x".formatted(codePoint));
  }

  @Test
  void quotesStandAroundAndAreEscapedInside() {
    assertThat(Printable.of("a\"b")).isEqualTo("\"a\\\"b\"");
  }

  @Test
  void longTextIsCut() {
    assertThat(Printable.of("x".repeat(129))).isEqualTo("\"" + "x".repeat(128) + "...\"");
    assertThat(Printable.of("x".repeat(128))).isEqualTo("\"" + "x".repeat(128) + "\"");
  }

  @Test
  void aMessageStaysWholeAndOnOneLine() {
    String message = "is \"a\\b\"\n" + "x".repeat(300);
    assertThat(Printable.line(message)).isEqualTo("is \"a\\b\"\\u000a" + "x".repeat(300));
  }
}
