package io.juicebox.node.publish;

import io.juicebox.csi.ops.Steps;

/**
 * The points between two side effects of publish and unpublish at the target path, in the order
 * they are passed. Those within mounting and releasing are {@code io.juicebox.node.mount.NodeStep}.
 */
public enum PublishStep implements Steps.Step {
  PROVEN("publish.proven"),
  MOUNTED("publish.mounted"),
  NOTED("publish.noted"),
  TARGET_CREATED("publish.target-created"),
  GROUP_SET("publish.group-set"),
  BOUND("publish.bound"),

  UNBOUND("unpublish.unbound"),
  TARGET_REMOVED("unpublish.target-removed"),
  UNNOTED("unpublish.unnoted"),
  RELEASED("unpublish.released");

  private final String label;

  PublishStep(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
