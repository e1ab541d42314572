package io.juicebox.node.cgroup;

import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.OptionalLong;

/**
 * A cgroup for each volume's process. All calls may be repeated, work at once, and may be made by
 * several threads; two for one volume must not overlap.
 *
 * <p>Where the machine offers none, nothing is limited: volumes work all the same.
 */
public interface VolumeCgroups extends AutoCloseable {
  /** Whether volumes are limited and where, or why not: one line for people. */
  String state();

  /**
   * Makes the volume's cgroup and sets its limit, in bytes; changes it where it is there. A running
   * volume that uses more than a new limit keeps the old one with cgroups of version 1; with
   * version 2 the kernel ends its process.
   */
  void create(VolumeId volume, long memoryLimit);

  /**
   * Moves a process into the volume's cgroup; one that has ended needs none. What it has so far
   * stays on the account of where it was, and so do children that it has already.
   *
   * <p>One that an earlier run of this program put elsewhere brings its limit along, and the cgroup
   * that it leaves is removed.
   */
  void add(VolumeId volume, long pid);

  /**
   * How many processes of the volume the kernel has ended because of the limit, since its cgroup
   * was made.
   */
  long oomKills(VolumeId volume);

  /** The memory that the volume's processes have, in bytes, with the file cache they filled. */
  OptionalLong usage(VolumeId volume);

  /** The limit in bytes; empty when there is none. */
  OptionalLong limit(VolumeId volume);

  /**
   * Removes the volume's cgroup, and ends what is left in it. Takes at most two seconds.
   *
   * @throws io.juicebox.csi.status.DriverException.Late when something there lives on
   */
  void remove(VolumeId volume);

  /** The volumes that have a cgroup. */
  List<VolumeId> volumes();

  /** Removes what holds the volumes' cgroups when there are none. */
  @Override
  void close();

  /**
   * Those below the cgroup of this process. Where none can be made it says so in the log, once.
   *
   * @param name tells several programs apart that run in one cgroup; the same after a restart, and
   *     fit for a file's name
   */
  static VolumeCgroups ofThisProcess(String name) {
    return CgroupSearch.ofThisProcess("juicebox-" + name);
  }
}
