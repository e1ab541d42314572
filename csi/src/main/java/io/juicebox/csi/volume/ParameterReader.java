package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads typed values out of a map of strings that users wrote, and names the key in each error.
 *
 * <p>Keys that the provisioner and the kubelet add are no part of what it reads.
 */
final class ParameterReader {
  private static final Set<String> FOREIGN =
      Set.of("csi.storage.k8s.io/", "storage.kubernetes.io/");

  private final String field;
  private final Map<String, String> values;
  private final Set<String> known = new HashSet<>();

  /**
   * @param field the map as the specification calls it, the first word of each error
   */
  ParameterReader(String field, Map<String, String> values) {
    this.field = field;
    this.values = own(values);
  }

  /** The entries whose keys neither the provisioner nor the kubelet added. */
  static Map<String, String> own(Map<String, String> values) {
    var own = new LinkedHashMap<String, String>();
    values.forEach((key, value) -> {
      if (FOREIGN.stream().noneMatch(key::startsWith)) {
        own.put(key, value);
      }
    });
    return own;
  }

  Optional<String> text(String key) {
    known.add(key);
    return Optional.ofNullable(values.get(key));
  }

  String required(String key) {
    return text(key)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> new InvalidRequest(name(key), "is missing"));
  }

  long bytes(String key, long smallest, long largest, long byDefault) {
    return bytes(key, smallest, largest).orElse(byDefault);
  }

  OptionalLong bytes(String key, long smallest, long largest) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong bytes = Quantity.tryParse(text.get());
    if (bytes.isEmpty() || bytes.getAsLong() < smallest || bytes.getAsLong() > largest) {
      throw invalid(
          key, text.get(), "a size from %d to %d bytes such as 64Mi".formatted(smallest, largest));
    }
    return bytes;
  }

  long number(String key, long smallest, long largest, long byDefault) {
    return number(key, smallest, largest).orElse(byDefault);
  }

  OptionalLong number(String key, long smallest, long largest) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (text.get().matches("\\d{1,18}")) {
      long number = Long.parseLong(text.get());
      if (number >= smallest && number <= largest) {
        return OptionalLong.of(number);
      }
    }
    throw invalid(key, text.get(), "a whole number from %d to %d".formatted(smallest, largest));
  }

  int permissions(String key, int byDefault) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return byDefault;
    }
    if (!text.get().matches("0?[0-7]{3,4}")) {
      throw invalid(key, text.get(), "an octal mode such as 0770");
    }
    return Integer.parseInt(text.get(), 8);
  }

  boolean flag(String key) {
    return switch (text(key).orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      case String other -> throw invalid(key, other, "true or false");
    };
  }

  <E extends Enum<E>> E choice(String key, Class<E> type, E byDefault) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return byDefault;
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(choice -> spelled(choice).equals(text.get()))
        .findFirst()
        .orElseThrow(() ->
            invalid(
                key,
                text.get(),
                "one of "
                    + Arrays.stream(type.getEnumConstants())
                        .map(ParameterReader::spelled)
                        .collect(Collectors.joining(", "))));
  }

  Optional<Path> directory(String key) {
    return text(key)
        .map(text -> {
          // juicefs takes a colon for the end of one directory and these others for a pattern
          if (!text.matches("/[ -~&&[^:*?\\[\\]\\\\]]{1,200}")) {
            throw invalid(
                key, text, "an absolute path of printable ASCII without : * ? [ ] and \\");
          }
          Path path = Path.of(text);
          if (path.getNameCount() == 0 || !path.normalize().equals(path)) {
            throw invalid(key, text, "an absolute path below the root, without . and ..");
          }
          return path;
        });
  }

  /** Refuses the keys that nobody asked for; call it last. */
  void refuseUnknown() {
    refuseUnknown(Set.of());
  }

  /** Refuses the keys that nobody asked for, but accepts some more; call it last. */
  void refuseUnknown(Collection<String> alsoKnown) {
    var valid = new TreeSet<>(known);
    valid.addAll(alsoKnown);
    values.keySet().stream()
        .filter(key -> !valid.contains(key))
        .sorted()
        .findFirst()
        .ifPresent(key -> {
          throw new InvalidRequest(
              field,
              "has the unknown key %s; valid are: %s"
                  .formatted(Printable.of(key), String.join(", ", valid)));
        });
  }

  /** How users write an enum's constant: {@code PER_VOLUME} is {@code perVolume}. */
  static String spelled(Enum<?> constant) {
    String[] words = constant.name().toLowerCase(Locale.ROOT).split("_", -1);
    return words[0]
        + Arrays.stream(words)
            .skip(1)
            .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
            .collect(Collectors.joining());
  }

  InvalidRequest invalid(String key, String value, String expected) {
    return new InvalidRequest(name(key), "is %s, not %s".formatted(Printable.of(value), expected));
  }

  private String name(String key) {
    return field + "." + key;
  }
}
