package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;

/**
 * The points between two side effects of mounting and releasing a volume, in the order they are
 * passed. Unpublishing the last target releases.
 */
public enum NodeStep implements Steps.Step {
  RECORDED("publish.mount-recorded"),
  SEALED("publish.mount-sealed"),
  STARTED("publish.mount-started"),
  PID_RECORDED("publish.mount-pid-recorded"),
  READY("publish.mount-ready"),

  UNMOUNTED("unpublish.mount-unmounted"),
  PROCESS_ENDED("unpublish.mount-process-ended"),
  DIRECTORY_REMOVED("unpublish.mount-directory-removed"),
  CACHE_REMOVED("unpublish.mount-cache-removed"),
  FORGOTTEN("unpublish.mount-forgotten");

  private final String label;

  NodeStep(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
