package io.juicebox.controller.volume;

import io.juicebox.csi.ops.Steps;
import java.util.Locale;

/** Every point between two side effects of the controller's operations, named by the former. */
public enum ControllerStep implements Steps.Step {
  CREATE_INTENT,
  CREATE_BUCKET,
  CREATE_OWNER,
  CREATE_KEPT,
  CREATE_USER,
  CREATE_ACCOUNT,
  CREATE_READ,
  CREATE_FORMATTED,
  CREATE_PREPARED,
  CREATE_READY,
  DELETE_BURIED,
  DELETE_OWNER,
  DELETE_WITHDRAWN,
  DELETE_USER,
  DELETE_ACCOUNT,
  DELETE_LEFT,
  DELETE_OBJECTS,
  DELETE_BUCKET,
  DELETE_DROPPED,
  DELETE_CREDENTIALS,
  DELETE_FORGOTTEN,
  SNAPSHOT_INTENT,
  SNAPSHOT_READ,
  SNAPSHOT_WRITTEN,
  SNAPSHOT_READY,
  SNAPSHOT_BURIED,
  SNAPSHOT_REMOVED,
  SNAPSHOT_LEFT,
  SNAPSHOT_FORGOTTEN,
  EXPAND_RECORDED,
  EXPAND_RESIZED;

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
