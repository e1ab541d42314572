package io.juicebox.csi.juicefs;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A released version of JuiceFS. */
public record JuicefsVersion(int major, int minor, int patch)
    implements Comparable<JuicefsVersion> {
  /** Before it, read locks outlive their node and a SIGHUP interrupts requests. */
  public static final JuicefsVersion OLDEST = new JuicefsVersion(1, 4, 2);

  private static final Pattern PRINTED =
      Pattern.compile("juicefs version (\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})\\b");
  private static final Comparator<JuicefsVersion> ORDER =
      Comparator.comparingInt(JuicefsVersion::major)
          .thenComparingInt(JuicefsVersion::minor)
          .thenComparingInt(JuicefsVersion::patch);

  /** Reads what {@code juicefs version} prints. */
  static Optional<JuicefsVersion> parse(String printed) {
    Matcher matcher = PRINTED.matcher(printed);
    return matcher.find()
        ? Optional.of(
            new JuicefsVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  /** Why the program that says this version can't be used; empty when it can. */
  public static Optional<String> problem(Optional<JuicefsVersion> found) {
    String needed = "install JuiceFS " + OLDEST + " or newer";
    if (found.isEmpty()) {
      return Optional.of("the juicefs program says no version: " + needed);
    }
    return found.get().compareTo(OLDEST) < 0
        ? Optional.of(
            "JuiceFS %s keeps locks of dead nodes and interrupts requests at an upgrade: %s"
                .formatted(found.get(), needed))
        : Optional.empty();
  }

  @Override
  public int compareTo(JuicefsVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
