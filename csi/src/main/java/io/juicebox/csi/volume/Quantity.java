package io.juicebox.csi.volume;

import java.math.BigDecimal;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Byte counts as Kubernetes writes them: {@code 4Mi}, {@code 1G}, {@code 1.5Gi}, {@code 4096}. */
public final class Quantity {
  private static final Pattern PATTERN =
      Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");
  private static final Map<String, Long> SCALE =
      Map.ofEntries(
          Map.entry("k", 1_000L),
          Map.entry("M", 1_000_000L),
          Map.entry("G", 1_000_000_000L),
          Map.entry("T", 1_000_000_000_000L),
          Map.entry("P", 1_000_000_000_000_000L),
          Map.entry("E", 1_000_000_000_000_000_000L),
          Map.entry("Ki", 1L << 10),
          Map.entry("Mi", 1L << 20),
          Map.entry("Gi", 1L << 30),
          Map.entry("Ti", 1L << 40),
          Map.entry("Pi", 1L << 50),
          Map.entry("Ei", 1L << 60));

  private Quantity() {}

  /** The bytes that a text spells, or empty when it is no whole number of bytes below 2^63. */
  public static OptionalLong tryParse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long scale = matcher.group(2) == null ? 1 : SCALE.getOrDefault(matcher.group(2), 1L);
    try {
      return OptionalLong.of(
          new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(scale)).longValueExact());
    } catch (ArithmeticException e) {
      return OptionalLong.empty();
    }
  }
}
