package io.juicebox.test.outages;

/** The calls that each outage is tried with, in the order of the table. */
enum Call {
  CONTROLLER_PROBE("Probe, controller", Needs.NOTHING),
  NODE_PROBE("Probe, node", Needs.NOTHING),
  CONTROLLER_HEALTHZ("GET /healthz, controller", Needs.NOTHING),
  NODE_HEALTHZ("GET /healthz, node", Needs.NOTHING),
  CONTROLLER_READYZ("GET /readyz, controller", Needs.EVERYTHING),
  /** It knows no backend but those of its volumes, each by the secret of a call. */
  NODE_READYZ("GET /readyz, node", Needs.NOTHING),
  LIST("ListVolumes", Needs.REDIS),
  GET("ControllerGetVolume", Needs.REDIS),
  CAPACITY("GetCapacity", Needs.REDIS),
  VALIDATE("ValidateVolumeCapabilities", Needs.REDIS),
  EXPAND("ControllerExpandVolume", Needs.REDIS),
  CONTROLLER_HEALTH("ControllerGetVolumeHealth", Needs.REDIS),
  LIST_HEALTH("ControllerListVolumeHealth", Needs.REDIS),
  PUBLISH_FIRST("NodePublishVolume, first", Needs.EVERYTHING),
  PUBLISH_AGAIN("NodePublishVolume, repeated", Needs.EVERYTHING),
  STATS("NodeGetVolumeStats", Needs.NOTHING),
  NODE_HEALTH("NodeGetVolumeHealth", Needs.NOTHING),
  UNPUBLISH("NodeUnpublishVolume", Needs.NOTHING),
  DELETE("DeleteVolume", Needs.EVERYTHING),
  CREATE("CreateVolume", Needs.EVERYTHING);

  private final String title;
  private final Needs needs;

  /** The servers that a call can't do without. */
  enum Needs {
    NOTHING,
    REDIS,
    EVERYTHING
  }

  Call(String title, Needs needs) {
    this.title = title;
    this.needs = needs;
  }

  String title() {
    return title;
  }

  Needs needs() {
    return needs;
  }
}
