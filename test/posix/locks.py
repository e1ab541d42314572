"""flock and fcntl locks between processes."""

import errno
import fcntl
import os
import signal

from cases import Processes, Signal, case, expect, expect_error, main, read, write

NOT_GRANTED = errno.EAGAIN


def opened(path):
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def count_up(path, lock, unlock):
    """Read, add one, write: loses counts unless the lock excludes."""
    fd = opened(path)
    for _ in range(100):
        lock(fd)
        number = int(os.pread(fd, 20, 0))
        os.pwrite(fd, b"%019d\n" % (number + 1), 0)
        unlock(fd)
    os.close(fd)


def four_processes_count(folder, lock, unlock):
    path = f"{folder}/counter"
    write(path, b"%019d\n" % 0)
    with Processes() as processes:
        for _ in range(4):
            processes.start(count_up, path, lock, unlock)
    expect(int(read(path)), 400, "the counter")


@case
def flock_excludes(folder):
    four_processes_count(folder, lambda fd: fcntl.flock(fd, fcntl.LOCK_EX), lambda fd: fcntl.flock(fd, fcntl.LOCK_UN))


@case
def fcntl_excludes(folder):
    four_processes_count(folder, lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX), lambda fd: fcntl.lockf(fd, fcntl.LOCK_UN))


def hold(path, lock, held):
    lock(opened(path))
    held.give()
    signal.pause()


def taken_at_once(lock, fd):
    """A lock that a dead process held must be free as soon as the process is gone; 10 s is for a slow machine."""

    def too_late(*_):
        raise AssertionError("the lock of a killed process is still held after 10 s")

    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(10)
    lock(fd)
    signal.alarm(0)


@case
def flock_is_refused_while_held_and_free_after_a_kill(folder):
    path, held = f"{folder}/lock", Signal()
    with Processes() as processes:
        holder = processes.start(hold, path, lambda fd: fcntl.flock(fd, fcntl.LOCK_EX), held)
        held.wait()
        fd = opened(path)
        for kind in fcntl.LOCK_EX, fcntl.LOCK_SH:
            expect_error(NOT_GRANTED, "a lock that another process holds", fcntl.flock, fd, kind | fcntl.LOCK_NB)
        processes.kill(holder)
        taken_at_once(lambda fd: fcntl.flock(fd, fcntl.LOCK_EX), fd)


@case
def fcntl_is_refused_while_held_and_free_after_a_kill(folder):
    path, held = f"{folder}/lock", Signal()
    with Processes() as processes:
        holder = processes.start(hold, path, lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX), held)
        held.wait()
        fd = opened(path)
        for kind in fcntl.LOCK_EX, fcntl.LOCK_SH:
            expect_error(NOT_GRANTED, "a lock that another process holds", fcntl.lockf, fd, kind | fcntl.LOCK_NB)
        processes.kill(holder)
        taken_at_once(lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX), fd)


@case
def shared_locks_are_shared(folder):
    path, held, more = f"{folder}/lock", Signal(), Signal()
    with Processes() as processes:
        first = processes.start(hold, path, lambda fd: fcntl.flock(fd, fcntl.LOCK_SH), held)
        second = processes.start(hold, path, lambda fd: fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB), more)
        held.wait()
        more.wait()
        fd = opened(path)
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        expect_error(NOT_GRANTED, "an exclusive flock beside a shared one", fcntl.flock, fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        expect_error(NOT_GRANTED, "an exclusive fcntl beside a shared one", fcntl.lockf, fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        processes.kill(first)
        processes.kill(second)


@case
def fcntl_locks_byte_ranges(folder):
    path, held = f"{folder}/lock", Signal()
    write(path, b"0" * 100)
    with Processes() as processes:
        holder = processes.start(hold, path, lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX, 10, 20), held)  # bytes 20..29
        held.wait()
        fd = opened(path)
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 20, 0)
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 70, 30)
        expect_error(NOT_GRANTED, "a range that overlaps", fcntl.lockf, fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 29)
        processes.kill(holder)


if __name__ == "__main__":
    main()
