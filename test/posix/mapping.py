"""Files mapped into the memory of several processes."""

import mmap
import os

from cases import Processes, Signal, case, expect, main, read_from_backend, write

SIZE = 5 << 20


def mapped(path):
    fd = os.open(path, os.O_RDWR)
    try:
        return mmap.mmap(fd, SIZE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    finally:
        os.close(fd)


@case
def processes_share_a_mapping(folder):
    """Each sees the other's stores at once, without any call between."""
    path = f"{folder}/shared"
    write(path, b"\0" * SIZE)
    stored, answered = Signal(), Signal()

    def other():
        memory = mapped(path)
        stored.wait()
        expect(memory[4096:4101], b"hello", "what the first process stored")
        memory[SIZE - 5 :] = b"there"
        answered.give()

    with Processes() as processes:
        processes.start(other)
        memory = mapped(path)
        memory[4096:4101] = b"hello"
        stored.give()
        answered.wait()
        expect(memory[SIZE - 5 :], b"there", "what the second process stored")


@case
def msync_reaches_the_file(folder):
    path = f"{folder}/mapped"
    write(path, b"-" * SIZE)
    memory = mapped(path)
    wanted = bytearray(b"-" * SIZE)
    for at in range(0, SIZE - 8, 65_537):
        memory[at : at + 8] = b"%08d" % at
        wanted[at : at + 8] = b"%08d" % at
    memory.flush()
    assert read_from_backend(path) == wanted, "the file differs from the mapping"


@case
def a_mapping_sees_what_is_written(folder):
    path = f"{folder}/mapped"
    write(path, b"-" * SIZE)
    memory = mapped(path)
    expect(memory[100:104], b"----", "before the write")
    written = Signal()

    def writer():
        fd = os.open(path, os.O_RDWR)
        os.pwrite(fd, b"here", 100)
        written.give()
        os.close(fd)

    with Processes() as processes:
        processes.start(writer)
        written.wait()
        expect(memory[100:104], b"here", "after another process wrote")


if __name__ == "__main__":
    main()
