"""What mount-s3 could not do: replace a file by moving another over it, and write into the middle of a file."""

import os
import random
import subprocess
import time

from cases import Processes, case, expect, main, read, read_from_backend, write


@case
def mv_over_an_existing_file(folder):
    target, temporary = f"{folder}/result.csv", f"{folder}/result.csv.tmp"
    write(target, b"old\n" * 1000)
    write(temporary, b"new\n" * 3000)
    inode = os.stat(temporary).st_ino
    subprocess.run(["mv", temporary, target], check=True)
    expect(os.listdir(folder), ["result.csv"], "names after mv")
    expect(os.stat(target).st_ino, inode, "inode after mv: the file moved, it was not copied")
    expect(read_from_backend(target), b"new\n" * 3000, "content after mv")


@case
def readers_see_whole_versions_of_a_replaced_file(folder):
    """Never a mixture, never a file cut short, and the name is never gone.

    One case differs from a local filesystem: FUSE opens by inode, so an open that meets a rename half-way asks for the
    inode that is just being replaced and gets ENOENT. Opening again, when the rename is done, finds the new one.
    """
    versions, size = 300, 4096
    target, done = f"{folder}/state", f"{folder}/done"
    write(target, b"\0" * size)

    def read_again():
        end = time.monotonic() + 10
        while True:
            try:
                return read(target)
            except FileNotFoundError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)

    def read_until_done():
        seen = set()
        while not os.path.exists(done):
            content = read_again()
            expect(content, content[:1] * size, "one version, not a mixture")
            seen.add(content[:1])
        assert len(seen) > 1, "the reader saw the file change"

    with Processes() as processes:
        processes.start(read_until_done)
        processes.start(read_until_done)
        for version in range(1, versions):
            write(f"{folder}/tmp", bytes([version % 256]) * size)
            os.rename(f"{folder}/tmp", target)
        write(done, b"")


@case
def a_reader_keeps_the_replaced_file(folder):
    write(f"{folder}/file", b"first")
    with open(f"{folder}/file", "rb") as before:
        write(f"{folder}/tmp", b"second")
        os.rename(f"{folder}/tmp", f"{folder}/file")
        expect(before.read(), b"first", "content through the open descriptor")
    expect(read(f"{folder}/file"), b"second", "content by name")


@case
def random_writes_in_place(folder):
    """2,000 writes of any length at any place of a 24 MiB file (six blocks), against a copy in memory."""
    chance = random.Random(7)
    copy = bytearray(chance.randbytes(24 << 20))
    path = f"{folder}/data.bin"
    write(path, copy)
    fd = os.open(path, os.O_RDWR)
    for i in range(2000):
        piece = chance.randbytes(chance.choice([1, 7, 512, 4096, 4097, 70_000]))
        at = chance.randrange(len(copy) - len(piece))
        expect(os.pwrite(fd, piece, at), len(piece), "bytes written")
        copy[at : at + len(piece)] = piece
        if i % 400 == 0:
            os.fsync(fd)
    os.close(fd)
    assert read_from_backend(path) == copy, "the file differs from what was written"


@case
def shrinking_and_growing_in_place(folder):
    path = f"{folder}/file"
    write(path, b"x" * (9 << 20))
    os.truncate(path, 5_000_001)
    expect(os.stat(path).st_size, 5_000_001, "size after shrinking")
    os.truncate(path, 9 << 20)
    expect(
        read_from_backend(path),
        b"x" * 5_000_001 + b"\0" * ((9 << 20) - 5_000_001),
        "the cut part does not come back",
    )


if __name__ == "__main__":
    main()
