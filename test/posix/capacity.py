"""A full volume. Needs a filesystem of at most 1 GiB of which nothing else is used."""

import errno
import os
import time

from cases import case, expect, main, write


def fill(path, limit):
    """Writes with an fsync each 4 MiB until refused; the bytes that were acknowledged."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    acknowledged, piece = 0, os.urandom(4 << 20)
    try:
        while acknowledged <= limit:
            os.write(fd, piece)
            os.fsync(fd)
            acknowledged += len(piece)
    finally:
        os.close(fd)
    return acknowledged


def expect_full(call):
    try:
        call()
    except OSError as e:
        expect(errno.errorcode[e.errno], "ENOSPC", "the error of a writer on a full volume")
    else:
        raise AssertionError("a full volume took more data")


def total(folder):
    space = os.statvfs(folder)
    return space.f_blocks * space.f_frsize


@case
def a_full_volume_refuses_by_fsync(folder):
    """ENOSPC reaches the writer, and what was acknowledged before is there."""
    capacity = total(folder)
    path = f"{folder}/data"
    expect_full(lambda: fill(path, 2 * capacity))
    size = os.stat(path).st_size
    assert size >= capacity // 2, f"refused at {size} of {capacity} bytes"
    with open(path, "rb") as f:
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert len(f.read()) == size, "what was written before reads whole"


@case
def a_full_volume_refuses_by_close(folder):
    """A writer that never calls fsync learns of it by write or close."""
    capacity = total(folder)

    def fill_without_fsync():
        fd = os.open(f"{folder}/data", os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            for _ in range(2 * capacity // (1 << 20)):
                os.write(fd, bytes(1 << 20))
        finally:
            os.close(fd)

    expect_full(fill_without_fsync)


@case
def after_deleting_there_is_space_again(folder):
    """Within a minute: JuiceFS counts what was freed at its next heartbeat at the latest."""
    capacity = total(folder)
    expect_full(lambda: fill(f"{folder}/large", 2 * capacity))
    os.unlink(f"{folder}/large")
    deadline = time.monotonic() + 60
    while True:
        try:
            write(f"{folder}/next", os.urandom(capacity // 2))
            break
        except OSError as e:
            expect(errno.errorcode[e.errno], "ENOSPC", "the error of a writer on a full volume")
            assert time.monotonic() < deadline, "still full a minute after deleting"
            time.sleep(0.2)
    expect(os.stat(f"{folder}/next").st_size, capacity // 2, "size")


if __name__ == "__main__":
    main()
