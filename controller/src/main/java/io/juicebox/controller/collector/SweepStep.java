package io.juicebox.controller.collector;

import io.juicebox.csi.ops.Steps;
import java.util.Locale;

/** Every point between two side effects where blocks are shared, named by the former. */
public enum SweepStep implements Steps.Step {
  /** A counter of a slice whose blocks others may need is about to go. */
  SWEEP_WANTED,
  /** A part of the blocks was listed. */
  SWEEP_LISTED,
  /** All relatives were looked at once, or once more. */
  SWEEP_LOOKED,
  SWEEP_DELETED,
  SWEEP_TIDIED,
  SWEEP_REMEMBERED;

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
