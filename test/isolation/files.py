"""Many small files, whose content their number tells.

  files.py folders FOLDER FROM TO the folders of these files, with nothing in them
  files.py write FOLDER FROM TO   writes the files FROM to TO - 1
  files.py churn FOLDER FROM TO   the same, and meanwhile deletes the even ones below FROM
  files.py check FOLDER FROM TO   the odd ones below FROM and all from there to TO - 1 are there, as they were written,
                                  and no other
"""

import concurrent.futures
import hashlib
import os
import sys

THREADS = 8
LARGEST = 16384
IN_A_FOLDER = 1000


def content(number):
    size = 1 + number * 7919 % LARGEST
    seed = hashlib.sha256(str(number).encode()).digest()
    return (seed * (size // len(seed) + 1))[:size]


def path(folder, number):
    return os.path.join(folder, str(number // IN_A_FOLDER), str(number))


def write(folder, number):
    os.makedirs(os.path.dirname(path(folder, number)), exist_ok=True)
    with open(path(folder, number), "wb") as file:
        file.write(content(number))


def make_folders(folder, start, end):
    for number in range(start, end, IN_A_FOLDER):
        os.makedirs(os.path.dirname(path(folder, number)))


def delete(folder, number):
    os.remove(path(folder, number))


def check(folder, number):
    with open(path(folder, number), "rb") as file:
        if file.read() != content(number):
            raise SystemExit(f"file {number} has other content")


def each(work, folder, numbers):
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda number: work(folder, number), numbers):
            pass


def churn(folder, start, end):
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        works = [
            both.submit(each, write, folder, range(start, end)),
            both.submit(each, delete, folder, range(0, start, 2)),
        ]
        for work in works:
            work.result()


def check_all(folder, start, end):
    expected = list(range(1, start, 2)) + list(range(start, end))
    there = sorted(int(name) for _, _, names in os.walk(folder) for name in names)
    if there != expected:
        raise SystemExit(f"{len(there)} files are there, not {len(expected)}")
    each(check, folder, expected)


def main(what, folder, start, end):
    if what == "folders":
        make_folders(folder, int(start), int(end))
    elif what == "write":
        each(write, folder, range(int(start), int(end)))
    elif what == "churn":
        churn(folder, int(start), int(end))
    else:
        check_all(folder, int(start), int(end))


main(*sys.argv[1:])
