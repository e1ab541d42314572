"""Appends numbered records to FOLDER/records, each with a checksum and an fsync, and says `ack NUMBER` after each.

    records.py write FOLDER     never ends by itself: an error is told, then the file is opened again
    records.py check FOLDER     prints the number of the last record; fails unless all before it are there, whole

A writer whose container starts again goes on behind the last record. A file called /tmp/restart ends it.
"""

import errno
import os
import sys
import time
import zlib


def say(*words):
    print(*words, flush=True)


def record(number):
    text = f"{number} {'x' * (number % 100)}"
    return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()


def last_record(fd):
    """The number of the last whole record. What comes after it is cut off: it was never acknowledged."""
    with os.fdopen(os.dup(fd), "rb") as file:
        file.seek(0)
        number = end = 0
        for line in file:
            if line != record(number + 1):
                break
            number += 1
            end += len(line)
    if os.fstat(fd).st_size != end:
        say("cut", os.fstat(fd).st_size - end)
        os.ftruncate(fd, end)
    return number


def append(path, acknowledged):
    """Returns the last number that was acknowledged when something went wrong, and what that was."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as e:
        return acknowledged, e
    try:
        number = last_record(fd)
        if number < acknowledged:
            say("lost", acknowledged - number)
        while not os.path.exists("/tmp/restart"):
            os.write(fd, record(number + 1))
            os.fsync(fd)
            number += 1
            acknowledged = number
            say("ack", number)
            time.sleep(0.01)
        sys.exit("told to end")
    except OSError as e:
        return acknowledged, e
    finally:
        try:
            os.close(fd)
        except OSError as e:
            say("error", errno.errorcode[e.errno], "at close")


def write(folder):
    acknowledged = 0
    while not os.path.exists("/tmp/restart"):
        acknowledged, error = append(f"{folder}/records", acknowledged)
        say("error", errno.errorcode[error.errno])
        time.sleep(0.1)


def check(folder):
    with open(f"{folder}/records", "rb") as file:
        number = 0
        for number, line in enumerate(file, start=1):
            if line != record(number):
                sys.exit(f"record {number} is {line!r}")
    say(number)


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](sys.argv[2])
