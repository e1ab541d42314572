"""Fills a memory cgroup, of either version, from inside until the kernel ends somebody in it for that.

  ballast.py CGROUP VICTIM

It prints when that was, in nanoseconds of CLOCK_MONOTONIC. The kernel is told to end the process VICTIM of that cgroup
first. What fills it is a child: the kernel may end that, too, before the memory of the first is free.
"""

import os
import signal
import sys
import time

STEP = 1 << 20


def kills(cgroup):
    for name in "memory.events", "memory.oom_control":
        path = os.path.join(cgroup, name)
        if os.path.exists(path):
            with open(path) as lines:
                return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    raise SystemExit("%s limits no memory" % cgroup)


def fill(cgroup):
    with open(os.path.join(cgroup, "cgroup.procs"), "w") as processes:
        processes.write(str(os.getpid()))
    held = []
    while True:
        held.append(bytearray(b"x" * STEP))


def main(cgroup, victim):
    with open("/proc/%s/oom_score_adj" % victim, "w") as score:
        score.write("1000")
    before = kills(cgroup)
    child = os.fork()
    if child == 0:
        fill(cgroup)
    while kills(cgroup) == before:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended and kills(cgroup) == before:
            raise SystemExit("what was to fill %s ended with %d" % (cgroup, status))
        time.sleep(0.001)
    print(time.monotonic_ns())
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):
        pass  # the kernel has ended it, and it was seen above


if __name__ == "__main__":
    main(*sys.argv[1:])
