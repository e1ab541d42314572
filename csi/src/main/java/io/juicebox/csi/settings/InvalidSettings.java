package io.juicebox.csi.settings;

import java.util.List;

/**
 * A program can't start with the settings it was given; the message has a line for each mistake.
 */
public final class InvalidSettings extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidSettings(List<String> problems) {
    super("invalid settings:\n  " + String.join("\n  ", problems));
  }
}
