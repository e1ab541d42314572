package io.juicebox.csi.settings;

import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.Quantity;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads typed settings and remembers every mistake, so that an operator sees all of them at once.
 *
 * <p>A mistaken setting reads as its default for the moment; {@link #check} then ends the matter.
 */
public final class SettingsReader {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  /** Longer waits are mistakes, and Java counts no more than 292 years in nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  public SettingsReader(Map<String, String> environment) {
    this.environment = environment;
  }

  /** A text that must be there; the stand-in is what a missing one reads as until the check. */
  public String required(String name, String standIn) {
    return text(name)
        .orElseGet(() -> {
          problem(name, "is missing");
          return standIn;
        });
  }

  public Optional<String> text(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** {@code 500ms}, {@code 10s}, {@code 15m}, {@code 1h}; more than nothing, at most a year. */
  public Duration duration(String name, Duration byDefault) {
    return parsed(name, SettingsReader::parseDuration, "a duration such as 10s").orElse(byDefault);
  }

  /** Bytes as Kubernetes writes them, {@code 10Gi}. */
  public Optional<Long> bytes(String name) {
    return parsed(name, text -> Quantity.tryParse(text).orElseThrow(), "a size such as 10Gi");
  }

  public Optional<Integer> number(String name, int smallest, int largest) {
    return parsed(
        name,
        text -> {
          int number = Integer.parseInt(text);
          if (number < smallest || number > largest) {
            throw new IllegalArgumentException();
          }
          return number;
        },
        "a whole number from %d to %d".formatted(smallest, largest));
  }

  /** A part of a whole, above 0 and at most 1. */
  public double share(String name, double byDefault) {
    return parsed(
            name,
            text -> {
              double share = Double.parseDouble(text);
              if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException();
              }
              return share;
            },
            "a share above 0 and at most 1 such as 0.9")
        .orElse(byDefault);
  }

  /** {@code host:port}; the host may be left out and is 127.0.0.1 then. */
  public InetSocketAddress address(String name, InetSocketAddress byDefault) {
    return parsed(name, SettingsReader::parseAddress, "an address such as 127.0.0.1:9808")
        .orElse(byDefault);
  }

  public Path directory(String name, Path byDefault) {
    return parsed(
            name,
            text -> {
              Path path = Path.of(text);
              if (!path.isAbsolute() || !path.normalize().equals(path)) {
                throw new IllegalArgumentException();
              }
              return path;
            },
            "an absolute path without . and ..")
        .orElse(byDefault);
  }

  /** Anything else: what the function throws as IllegalArgumentException becomes the problem. */
  public <T> Optional<T> parsed(String name, Function<String, T> parse) {
    return text(name)
        .flatMap(text -> {
          try {
            return Optional.of(parse.apply(text));
          } catch (IllegalArgumentException e) {
            problem(name, String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  private <T> Optional<T> parsed(String name, Function<String, T> parse, String expected) {
    return text(name)
        .flatMap(text -> {
          try {
            return Optional.of(parse.apply(text));
          } catch (RuntimeException e) {
            problem(name, "is " + Printable.of(text) + ", not " + expected);
            return Optional.empty();
          }
        });
  }

  /** Remembers a mistake that the caller found. */
  public void problem(String name, String what) {
    problems.add(name + " " + Printable.line(what));
  }

  /**
   * Ends the reading.
   *
   * @throws InvalidSettings with every mistake, when there was one
   */
  public void check() {
    if (!problems.isEmpty()) {
      throw new InvalidSettings(problems);
    }
  }

  private static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
      throw new IllegalArgumentException();
    }
    long count = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofHours(count);
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException();
    }
    return duration;
  }

  private static InetSocketAddress parseAddress(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException();
    }
    String host = colon == 0 ? "127.0.0.1" : text.substring(0, colon);
    var address = new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
    if (address.isUnresolved()) {
      throw new IllegalArgumentException();
    }
    return address;
  }
}
