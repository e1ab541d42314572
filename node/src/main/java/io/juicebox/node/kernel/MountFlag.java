package io.juicebox.node.kernel;

/** A flag of one mount, as opposed to one of its filesystem. */
public enum MountFlag {
  READ_ONLY(1, "ro"),
  NOSUID(2, "nosuid"),
  NODEV(4, "nodev"),
  NOEXEC(8, "noexec"),
  NOATIME(1024, "noatime");

  final long bit;
  final String option;

  MountFlag(long bit, String option) {
    this.bit = bit;
    this.option = option;
  }
}
