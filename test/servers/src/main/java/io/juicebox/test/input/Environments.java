package io.juicebox.test.input;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** What the settings of all programs have in common. */
public final class Environments {
  private Environments() {}

  /** Addresses to serve at, right and wrong; no names of hosts, since these are looked up. */
  public static Arbitrary<String> addresses() {
    return Arbitraries.of("", ":0", ":x", "127.0.0.1:9808", "127.0.0.1:99999", "[:1");
  }

  /** The mistakes that a refusal tells, a line each below the first. */
  public static List<String> mistakes(Throwable refusal) {
    return String.valueOf(refusal.getMessage()).lines().skip(1).toList();
  }

  /** Whether a mistake begins with the name of a setting; no line may come from outside. */
  public static boolean namesASetting(String mistake, Map<String, String> environment) {
    return environment.keySet().stream().anyMatch(name -> mistake.startsWith("  " + name + " "));
  }
}
