package io.juicebox.test.input;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/** Generators of texts, and of maps of them, from arbitrary to nearly valid. */
public final class Texts {
  private static final int SHORT = 40;
  private static final int HUGE = 70_000;

  /** What has broken parsers elsewhere. */
  private static final String[] ODD = {
    "",
    " ",
    "\t",
    "\0",
    "a\0b",
    "\r\n",
    "a\nlevel=ERROR",
    "../../etc/passwd",
    "//",
    "/",
    "/.",
    "a/../b",
    "%s%n%d",
    "${x}",
    "$(id)",
    "\\134",
    "\\999",
    "\\",
    "\"",
    "{\"a\":1}",
    "[[[[",
    "null",
    "NaN",
    "-1",
    "-0",
    "+1",
    "0x10",
    "1e999",
    "00000000000000000001",
    "2147483648",
    "9223372036854775808",
    "99999999999999999999999999",
    "\u0663\u0664", // digits, though not ours
    "\uff11",
    "\u0130", // its lower case has two characters
    "\u212a", // the lower case of the Kelvin sign is k
    "e\u0301",
    "\ufeff",
    "\u202e",
    "\u2028",
    "\ud83d\ude00",
    "\ud800", // half a pair
    "*",
    "?",
    "~*",
    ",",
    ",,",
    "=",
    ":",
    "-----BEGIN CERTIFICATE-----",
  };

  /** Changes of a text at a place, with another text at hand. */
  private enum Edit {
    INSERT,
    REPLACE,
    REMOVE,
    CUT,
    DOUBLE,
    OTHER_CASE;

    private String apply(String text, int place, String other) {
      int at = text.isEmpty() ? 0 : place % text.length();
      int next = Math.min(at + 1, text.length());
      String before = text.substring(0, at);
      String after = text.substring(next);
      return switch (this) {
        case INSERT -> before + other + text.substring(at);
        case REPLACE -> before + other + after;
        case REMOVE -> before + after;
        case CUT -> before;
        case DOUBLE -> text + text.substring(at);
        case OTHER_CASE -> before + otherCase(text.substring(at, next)) + after;
      };
    }

    /** Of ASCII letters; other characters stay. */
    private static String otherCase(String text) {
      return text.chars()
          .map(c -> Character.isLetter(c) && c < 0x80 ? c ^ 0x20 : c)
          .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
          .toString();
    }
  }

  private Texts() {}

  /** Any text: of all characters and halves of characters, of ASCII, odd ones, huge ones. */
  public static Arbitrary<String> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.strings().all().ofMaxLength(SHORT)),
        Tuple.of(6, Arbitraries.strings().ascii().ofMaxLength(SHORT)),
        Tuple.of(6, Arbitraries.of(ODD)),
        Tuple.of(1, Arbitraries.of("x", "/", "\u00e9", "1", "a ", "-a.").map(Texts::huge)));
  }

  private static String huge(String part) {
    return part.repeat(HUGE / part.length());
  }

  /** A valid text that was changed in one to three places; now and then it is valid still. */
  public static Arbitrary<String> near(Arbitrary<String> valid) {
    Arbitrary<List<Tuple2<Edit, Integer>>> edits =
        Combinators.combine(Arbitraries.of(Edit.class), Arbitraries.integers().between(0, 1 << 16))
            .as(Tuple::of)
            .list()
            .ofMinSize(1)
            .ofMaxSize(3);
    return Combinators.combine(valid, edits, any())
        .as((text, changes, other) -> {
          String result = text;
          for (var change : changes) {
            result = change.get1().apply(result, change.get2(), other);
          }
          return result;
        });
  }

  /**
   * Maps in which each key is missing or valid, but for one or two: these are nearly valid or
   * anything, and now and then the key is, too.
   *
   * @param valid values by their keys
   */
  public static Arbitrary<Map<String, String>> mapsNear(Map<String, Arbitrary<String>> valid) {
    Arbitrary<List<Tuple2<String, String>>> wrong =
        Arbitraries.of(valid.keySet())
            .flatMap(key ->
                Combinators.combine(
                        Arbitraries.frequencyOf(
                            Tuple.of(9, Arbitraries.just(key)),
                            Tuple.of(1, near(Arbitraries.just(key)))),
                        Arbitraries.oneOf(near(Objects.requireNonNull(valid.get(key))), any()))
                    .as(Tuple::of))
            .list()
            .ofMinSize(1)
            .ofMaxSize(2);
    return Combinators.combine(maps(valid), wrong)
        .as((map, entries) -> {
          var changed = new HashMap<>(map);
          entries.forEach(entry -> changed.put(entry.get1(), entry.get2()));
          return Map.copyOf(changed);
        });
  }

  /** Maps in which each key is missing or valid. */
  public static Arbitrary<Map<String, String>> maps(Map<String, Arbitrary<String>> valid) {
    List<Arbitrary<Optional<Tuple2<String, String>>>> entries =
        valid.entrySet().stream()
            .map(entry -> entry.getValue().map(v -> Tuple.of(entry.getKey(), v)).optional(0.5))
            .toList();
    return Combinators.combine(entries)
        .as(present -> {
          var map = new HashMap<String, String>();
          present.forEach(entry -> entry.ifPresent(it -> map.put(it.get1(), it.get2())));
          return Map.copyOf(map);
        });
  }
}
