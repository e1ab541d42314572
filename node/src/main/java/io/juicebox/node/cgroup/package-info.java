/**
 * A cgroup with a memory limit for the juicefs process of each volume (DESIGN.md, decision 12), so
 * that one that takes too much memory ends alone; and what else the kernel is told of a process.
 *
 * <p>The volumes' cgroups are in {@code juicebox-<name>/<volume>} below the cgroup of this process.
 * With version 2 this process and all that share its cgroup move into {@code
 * juicebox-<name>-service} first, and stay there.
 *
 * <p>Version 1 is tested on a hybrid machine (Linux 6.18), which has the memory controller in a
 * hierarchy of that version and in version 2 none. Version 2 follows the kernel's documentation
 * (Documentation/admin-guide/cgroup-v2.rst): the moves, the refusals of a cgroup that has processes
 * and cgroup.kill were tried by hand on that machine with its one controller of version 2, hugetlb;
 * the files memory.* have not been used on a machine of that version yet.
 */
@NullMarked
package io.juicebox.node.cgroup;

import org.jspecify.annotations.NullMarked;
