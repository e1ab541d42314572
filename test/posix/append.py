"""Eight processes that append to one file."""

import os
import zlib

from cases import Processes, case, expect, main, read_from_backend

WRITERS, RECORDS = 8, 250


def record(writer, number):
    """Between 40 and 1,000 bytes that name themselves, end in a newline and carry a checksum."""
    body = f"{writer} {number} ".encode() + b"abcdefghij" * (2 + (writer * 31 + number * 17) % 97)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def append(path, writer):
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    for number in range(RECORDS):
        wanted = record(writer, number)
        expect(os.write(fd, wanted), len(wanted), "bytes appended")
        if number % 50 == 0:
            os.fsync(fd)
    os.close(fd)


@case
def eight_processes_lose_and_tear_no_record(folder):
    path = f"{folder}/log"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    with Processes() as processes:
        for writer in range(WRITERS):
            processes.start(append, path, writer)
    found = read_from_backend(path).splitlines(keepends=True)
    wanted = {record(writer, number) for writer in range(WRITERS) for number in range(RECORDS)}
    expect(len(found), len(wanted), "records")
    expect(set(found) ^ wanted, set(), "records lost or torn")
    for writer in range(WRITERS):
        own = [line for line in found if line.split(b" ", 2)[1] == b"%d" % writer]
        expect(own, [record(writer, number) for number in range(RECORDS)], f"the order of writer {writer}")


if __name__ == "__main__":
    main()
