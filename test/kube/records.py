"""Appends numbered records to FOLDER/records, each with a checksum and an fsync, and says `ack NUMBER` after each.

    records.py write FOLDER [SECONDS]   never ends by itself: an error is told, then the file is opened again
    records.py check FOLDER             prints the number of the last record; fails unless all before it are there, whole

A writer whose container starts again goes on behind the last record. A file called /tmp/restart ends it. After a
SIGTERM it goes on for SECONDS, and leaves what it saw since then in FOLDER/last-words, where it outlives the pod: a
line for each error, and then `end NUMBER AFTER PAUSE`, the last record, how many came after the signal, and the longest
time in seconds without one from the signal to the end.
"""

import errno
import os
import signal
import sys
import time
import zlib


class Ending:
    """What there is to tell since the signal that said so."""

    def __init__(self, patience):
        self.patience = patience
        self.end = None
        self.words = []
        self.acknowledged = 0
        self.last = 0
        self.pause = 0

    def begin(self, *_):
        if not self.end:
            self.last = time.monotonic()
            self.end = self.last + self.patience

    def due(self):
        return os.path.exists("/tmp/restart") or self.end and time.monotonic() > self.end

    def note(self, words):
        if not self.end:
            return
        if words[0] != "ack":
            self.words.append(" ".join(map(str, words)))
            return
        self.rest()
        self.acknowledged += 1

    def rest(self):
        now = time.monotonic()
        self.pause = max(self.pause, now - self.last)
        self.last = now

    def leave(self, folder, number):
        self.rest()
        with open(f"{folder}/last-words", "w", encoding="utf-8") as file:
            print(*self.words, f"end {number} {self.acknowledged} {self.pause:.1f}", sep="\n", file=file)


ending = Ending(0)


def say(*words):
    print(*words, flush=True)
    ending.note(words)


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
    """Returns the last number that was acknowledged when it was due to end or something went wrong, and what that was."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as e:
        return acknowledged, e
    try:
        number = last_record(fd)
        if number < acknowledged:
            say("lost", acknowledged - number)
        while not ending.due():
            os.write(fd, record(number + 1))
            os.fsync(fd)
            number += 1
            acknowledged = number
            say("ack", number)
            time.sleep(0.01)
        return acknowledged, None
    except OSError as e:
        return acknowledged, e
    finally:
        try:
            os.close(fd)
        except OSError as e:
            say("error", errno.errorcode[e.errno], "at close")


def write(folder, patience=None):
    if patience:
        ending.patience = float(patience)
        signal.signal(signal.SIGTERM, ending.begin)
    acknowledged = 0
    while not ending.due():
        acknowledged, error = append(f"{folder}/records", acknowledged)
        if error:
            say("error", errno.errorcode[error.errno])
            time.sleep(0.1)
    if ending.end:
        ending.leave(folder, acknowledged)


def check(folder):
    with open(f"{folder}/records", "rb") as file:
        number = 0
        for number, line in enumerate(file, start=1):
            if line != record(number):
                sys.exit(f"record {number} is {line!r}")
    say(number)


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](*sys.argv[2:])
