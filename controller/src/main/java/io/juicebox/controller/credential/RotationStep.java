package io.juicebox.controller.credential;

import io.juicebox.csi.ops.Steps;
import java.util.Locale;

/** Every point between two side effects of a rotation, named by the former. */
public enum RotationStep implements Steps.Step {
  ROTATE_NOTED,
  ROTATE_ACCOUNT,
  ROTATE_USER,
  ROTATE_KEPT,
  ROTATE_DONE,
  RETIRE_NOTED,
  RETIRE_USER,
  RETIRE_ACCOUNT,
  RETIRE_DONE;

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
