"""A workspace with all that a filesystem can hold, and programs that work in it while it is copied.

  golden.py make FOLDER FILES MEBIBYTES   makes it: a git repository of so many files, and a file of so many MiB
  golden.py use FOLDER LEDGERS            runs the programs that write to it, see chains.py
  golden.py check FOLDER                  of a copy: all is whole and can be gone on with; prints what it found of each
                                          program's, NAME NUMBER
  golden.py lock FOLDER                   takes the locks that `use` holds, at once

What programs write is numbered, 1, 2, ..., and in force when it was synced: `record` (of a log that is appended to,
fsync), `row` (of SQLite in WAL mode, synchronous=FULL), `commit` (of git with core.fsync=all). Nobody writes to
`repository/src` and `still` meanwhile.
"""

import contextlib
import fcntl
import hashlib
import os
import random
import socket
import sqlite3
import stat
import subprocess
import sys

import chains

WORKERS = 8
IN_A_FOLDER = 16
RECORD = 128
INSERT = "INSERT INTO rows VALUES (?, ?)"

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Author",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "Author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "LC_ALL": "C",
}


def git(folder, *arguments, **options):
    command = ["git", "-c", "core.fsync=all", "-c", "gc.auto=0", "-c", f"checkout.workers={WORKERS}", *arguments]
    run = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, **options)
    if run.returncode != 0:
        raise SystemExit(f"git {' '.join(arguments)}: exit code {run.returncode}: {run.stderr}{run.stdout}")
    return run.stdout.decode().strip()


def repository(folder):
    return os.path.join(folder, "repository")


def source(number):
    seed = hashlib.sha256(b"%d" % number).hexdigest().encode() + b"\n"
    return seed * (1 + number * 7919 % 250)


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


# --- make


def make_repository(folder, files):
    """By git itself: fast-import makes the pack, checkout the files."""
    os.mkdir(folder)
    git(folder, "init", "-q", "-b", "main")
    stream = [b"commit refs/heads/main\ncommitter Author <author@example.com> 1700000000 +0000\ndata 8\ncommit 0\n"]
    for number in range(files):
        content = source(number)
        mode = b"100755" if number % 10 == 0 else b"100644"
        path = b"src/part%d/file%d" % (number // IN_A_FOLDER, number)
        stream.append(b"M %s inline %s\ndata %d\n%s\n" % (mode, path, len(content), content))
    stream.append(b"M 120000 inline src/link\ndata 11\npart0/file0\n")
    git(folder, "fast-import", "--quiet", input=b"".join(stream))
    git(folder, "checkout", "-q", "main")
    os.mkdir(f"{folder}/work")


def make_links(folder):
    os.mkdir(folder)
    for number in range(20):
        write(f"{folder}/file{number}", source(number))
        for link in range(number % 4):
            os.link(f"{folder}/file{number}", f"{folder}/file{number}-link{link}")
    os.symlink("file1", f"{folder}/symlink")
    os.symlink("nowhere/" + "x" * 1000, f"{folder}/dangling")
    os.symlink(".", f"{folder}/loop")


def make_special(folder):
    os.mkdir(folder)
    os.mkfifo(f"{folder}/fifo", 0o620)
    os.mknod(f"{folder}/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(folder):
        listener.bind("socket")
    os.makedirs(f"{folder}/" + "/".join("deep" for _ in range(30)))
    write(f"{folder}/empty", b"")
    write(f"{folder}/{'long' * 63}", b"long")
    write(f"{folder}/d\u00edf\u00edcil \u6f22\u5b57\n", b"unicode")
    write(os.path.join(os.fsencode(folder), b"no utf-8 \xff"), b"bytes")


def make_owned(folder):
    os.mkdir(folder)
    for number, mode in enumerate((0o000, 0o400, 0o666, 0o777, 0o4755, 0o2755, 0o1644)):
        path = f"{folder}/mode{number}"
        write(path, b"mode")
        os.chown(path, 1000 + number, 2**32 - 2 - number)
        os.chmod(path, mode)
    os.mkdir(f"{folder}/sticky")
    os.chmod(f"{folder}/sticky", 0o3777)
    for number, moment in enumerate((0, 1_234_567_890_123_456_789, 4_102_444_800_000_000_001)):
        write(f"{folder}/time{number}", b"time")
        os.utime(f"{folder}/time{number}", ns=(moment, moment))


def make_attributes(folder):
    os.mkdir(folder)
    write(f"{folder}/file", b"attributes")
    os.setxattr(f"{folder}/file", "user.text", b"value")
    os.setxattr(f"{folder}/file", "user.binary", bytes(range(256)) * 4)
    os.setxattr(f"{folder}/file", "trusted.of-root", b"\0")
    os.setxattr(folder, "user.of-folder", b"value")


def make_large(folder, mebibytes):
    os.mkdir(folder)
    with open(f"{folder}/large", "wb") as file:
        for number in range(mebibytes):
            file.write(random.Random(number).randbytes(1 << 20))
    with open(f"{folder}/sparse", "wb") as file:
        for at in 0, 5 << 20, 40 << 20:
            file.seek(at + 12345)
            file.write(b"not sparse here")
        file.truncate(70 << 20)


def make(folder, files, mebibytes):
    still = f"{folder}/still"
    os.mkdir(still)
    os.mkdir(f"{folder}/locks")
    write(f"{folder}/locks/flock", b"")
    write(f"{folder}/locks/fcntl", b"")
    make_repository(repository(folder), int(files))
    make_links(f"{still}/links")
    make_special(f"{still}/special")
    make_owned(f"{still}/owned")
    make_attributes(f"{still}/attributes")
    make_large(f"{still}/large", int(mebibytes))


# --- use


def record(number):
    """Its number, a text that follows from it, and the checksum of both."""
    body = f"{number:016d} {hashlib.sha256(b'%d' % number).hexdigest()[:45]} ".encode()
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def numbered(write_one):
    number = 0
    while True:
        yield
        number += 1
        write_one(number)


def records(folder):
    with open(f"{folder}/records", "ab", buffering=0) as log:

        def append(number):
            log.write(record(number))
            os.fsync(log.fileno())

        yield from numbered(append)


def rows(folder):
    database = sqlite3.connect(f"{folder}/rows.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, content BLOB)")
    yield from numbered(lambda number: database.execute(INSERT, (number, record(number))))


def commit(folder, number):
    """A new file, and one that each commit changes."""
    write(f"{folder}/work/file{number}", record(number))
    write(f"{folder}/work/last", record(number))
    git(folder, "add", "work")
    git(folder, "commit", "-q", "-m", f"commit {number}")


def commits(folder):
    return numbered(lambda number: commit(repository(folder), number))


def take_locks(folder):
    """Returns what holds them."""
    flock = open(f"{folder}/locks/flock", "r+b")
    fcntl.flock(flock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    posix = open(f"{folder}/locks/fcntl", "r+b")
    fcntl.lockf(posix, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return flock, posix


def use(folder, ledgers):
    held = take_locks(folder)
    programs = [
        chains.Chain("record", records(folder), 1, 0.01),
        chains.Chain("row", rows(folder), 1, 0.02),
        chains.Chain("commit", commits(folder), 1, 0.1),
    ]
    chains.run(programs, ledgers)
    for file in held:
        file.close()


# --- check


def check_records(folder):
    with open(f"{folder}/records", "rb") as log:
        content = log.read()
    count = len(content) // RECORD
    if content != b"".join(record(number) for number in range(1, count + 1)):
        raise SystemExit(f"the log of {len(content)} bytes has something else than its first records")
    return count


def check_rows(folder):
    with contextlib.closing(sqlite3.connect(f"{folder}/rows.sqlite")) as database:
        found = database.execute("PRAGMA integrity_check").fetchall()
        content = database.execute("SELECT number, content FROM rows ORDER BY number").fetchall()
    if found != [("ok",)]:
        raise SystemExit(f"PRAGMA integrity_check: {found}")
    if content != [(number, record(number)) for number in range(1, len(content) + 1)]:
        raise SystemExit(f"the table of {len(content)} rows has something else than its first rows")
    return len(content)


def check_commits(folder):
    git(folder, "fsck", "--full", "--strict")
    count = int(git(folder, "rev-list", "--count", "HEAD")) - 1
    subjects = git(folder, "log", "--format=%s").split("\n")
    if subjects != [f"commit {number}" for number in range(count, -1, -1)]:
        raise SystemExit(f"the log of the repository has something else than its first commits: {subjects}")
    if count and git(folder, "show", "HEAD:work/last").encode() != record(count).strip():
        raise SystemExit(f"commit {count} has something else than it was made of")
    changed = git(folder, "status", "--porcelain", "--", "src")
    if changed:
        raise SystemExit(f"files differ from their commit: {changed}")
    return count


def remove_locks_of_git(folder):
    """As after a crash: whoever held them is not there."""
    for at, _, names in os.walk(f"{folder}/.git"):
        for name in names:
            if name.endswith(".lock"):
                os.remove(os.path.join(at, name))


def last_of_each(folder):
    return {
        "record": check_records(folder),
        "row": check_rows(folder),
        "commit": check_commits(repository(folder)),
    }


def go_on(folder, last):
    with open(f"{folder}/records", "ab") as log:
        log.write(record(last["record"] + 1))
    with contextlib.closing(sqlite3.connect(f"{folder}/rows.sqlite", isolation_level=None)) as database:
        database.execute(INSERT, (last["row"] + 1, record(last["row"] + 1)))
    remove_locks_of_git(repository(folder))
    commit(repository(folder), last["commit"] + 1)


def check(folder):
    last = last_of_each(folder)
    for name, number in last.items():
        print(name, number)
    go_on(folder, last)
    if last_of_each(folder) != {name: number + 1 for name, number in last.items()}:
        raise SystemExit("what was added to the copy is not there")


def lock(folder):
    for file in take_locks(folder):
        file.close()


def main(what, *arguments):
    {"make": make, "use": use, "check": check, "lock": lock}[what](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
