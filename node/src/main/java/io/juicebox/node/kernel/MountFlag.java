package io.juicebox.node.kernel;

/** A flag of one mount, as opposed to one of its filesystem. */
public enum MountFlag {
  READ_ONLY(1, "ro"),
  NOSUID(2, "nosuid"),
  NODEV(4, "nodev"),
  NOEXEC(8, "noexec"),
  NOATIME(16, "noatime");

  /** In {@code struct mount_attr}, MOUNT_ATTR_*. */
  final long attribute;

  final String option;

  MountFlag(long attribute, String option) {
    this.attribute = attribute;
    this.option = option;
  }
}
