"""Fills a memory cgroup from inside until the kernel ends somebody in it for that, and ends itself.

  ballast.py CGROUP VICTIM

Of either version. The kernel is told to end the process VICTIM of that cgroup first.
"""

import os
import sys

STEP = 1 << 20


def kills(cgroup):
    for name in "memory.events", "memory.oom_control":
        path = os.path.join(cgroup, name)
        if os.path.exists(path):
            with open(path) as lines:
                return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    raise SystemExit("%s limits no memory" % cgroup)


def main(cgroup, victim):
    with open("/proc/%s/oom_score_adj" % victim, "w") as score:
        score.write("1000")
    with open(os.path.join(cgroup, "cgroup.procs"), "w") as processes:
        processes.write(str(os.getpid()))
    before = kills(cgroup)
    held = []
    while kills(cgroup) == before:
        held.append(bytearray(b"x" * STEP))


if __name__ == "__main__":
    main(*sys.argv[1:])
