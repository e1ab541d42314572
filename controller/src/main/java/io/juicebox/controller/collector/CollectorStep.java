package io.juicebox.controller.collector;

import io.juicebox.csi.ops.Steps;
import java.util.Locale;

/** Every point between two side effects of the collection of dead slices, named by the former. */
public enum CollectorStep implements Steps.Step {
  COLLECT_BLOCKS_DELETED,
  COLLECT_COUNTERS_DROPPED;

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
