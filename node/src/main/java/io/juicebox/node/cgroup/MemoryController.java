package io.juicebox.node.cgroup;

import java.io.IOException;
import java.util.OptionalLong;

/** The part of the kernel that limits memory, whose files differ between the versions. */
sealed interface MemoryController permits MemoryV1, MemoryV2 {
  /**
   * Makes a folder in whose children memory can be limited. May be repeated.
   *
   * @param own of this process
   * @param holder the folder, below it
   * @param service where this process may go, beside the folder
   * @throws IOException when the machine does not let us; processes may have been moved
   */
  void prepare(Cgroup own, Cgroup holder, Cgroup service) throws IOException;

  /** Limits what all processes of a cgroup have together, in bytes, and lets them use no swap. */
  void limit(Cgroup cgroup, long bytes) throws IOException;

  /** The limit in bytes; empty when there is none. */
  OptionalLong limit(Cgroup cgroup) throws IOException;

  /** What its processes have in bytes, with the file cache that they filled. */
  long usage(Cgroup cgroup) throws IOException;

  /** How many of its processes were ended because of a limit. */
  long oomKills(Cgroup cgroup) throws IOException;
}
