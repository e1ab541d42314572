package io.juicebox.csi.volume;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A text that no log, message or trace may show: {@link #toString} is {@code ***}. */
public final class Secret {
  private final String text;

  public Secret(String text) {
    this.text = Objects.requireNonNull(text);
  }

  /** The text itself, for the one place that hands it to a server or a child's environment. */
  public String reveal() {
    return text;
  }

  public boolean isEmpty() {
    return text.isEmpty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && text.equals(secret.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
