package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;

/** The points between two side effects of publish and unpublish, in the order they are passed. */
public enum NodeStep implements Steps.Step {
  MOUNT_RECORDED("publish.recorded"),
  MOUNT_DIRECTORY("publish.directory"),
  MOUNT_STARTED("publish.started"),
  MOUNT_PID_RECORDED("publish.pid-recorded"),
  MOUNT_READY("publish.ready"),

  UNMOUNTED("unpublish.unmounted"),
  UNMOUNT_PROCESS_ENDED("unpublish.process-ended"),
  UNMOUNT_DIRECTORY_REMOVED("unpublish.directory-removed"),
  UNMOUNT_CACHE_REMOVED("unpublish.cache-removed"),
  UNMOUNT_FORGOTTEN("unpublish.forgotten");

  private final String label;

  NodeStep(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
