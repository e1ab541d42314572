"""A program that writes a little and wants it kept.

  writer.py write FOLDER LEDGER   writes a file ten times a second and has it on disk by fsync; then its number goes into
                                  the ledger, or "error" and why where that failed
  writer.py check FOLDER LEDGER   each file that the ledger names is there, as it was written
"""

import os
import sys
import time

PAUSE = 0.1


def content(number):
    return (f"{number}\n" * 100).encode()


def write_one(folder, number):
    file = os.open(os.path.join(folder, str(number)), os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    try:
        os.write(file, content(number))
        os.fsync(file)
    finally:
        os.close(file)


def write(folder, ledger):
    number = 0
    with open(ledger, "w") as lines:
        while True:
            try:
                write_one(folder, number)
                lines.write(f"{number}\n")
            except OSError as error:
                lines.write(f"error {error}\n")
            lines.flush()
            number += 1
            time.sleep(PAUSE)


def check(folder, ledger):
    with open(ledger) as lines:
        numbers = [int(line) for line in lines if not line.startswith("error")]
    for number in numbers:
        with open(os.path.join(folder, str(number)), "rb") as file:
            if file.read() != content(number):
                raise SystemExit(f"file {number} has other content")
    print(len(numbers))


{"write": write, "check": check}[sys.argv[1]](*sys.argv[2:])
