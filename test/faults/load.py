"""Programs that use a volume at a bounded rate, check what they get, and tell what they saw.

    load.py PACE FOLDER [KIND ...]

PACE multiplies the rates of all kinds; FOLDER, on the volume, is made; all kinds by default; it ends with its stdin.

Each kind is a process of its own, so that one that waits stops no other: the writer (write, fsync; acknowledged is what
fsync let pass), the reader (of what was acknowledged), sqlite (WAL, synchronous=FULL), two lockers (of one flock and
one fcntl lock), the walker of a tree, and the looker, which asks for names that aren't there and that no cache knows.
After an error a kind opens its things again and goes on.

What they see are JSON lines on stdout. Times are nanoseconds of CLOCK_MONOTONIC, which Java's System.nanoTime() is, too.

    {"ready": KIND}                                                           its first step is done
    {"error": NAME, "kind": KIND, "operation": NAME, "at": BEGAN, "took": NS}
    {"pause": NS, "kind": KIND, "operation": NAME, "at": BEGAN}               an operation that took long
    {"lock": NAME, "by": KIND, "taken": AT, "until": AT, "lost": BOOLEAN}     until: when it was last known to be held
    {"wrong": TEXT, "kind": KIND}                                             a promise that was not kept
    {"end": KIND, "operations": N, "longest": NS, "acknowledged": N}          after the last check
"""

import errno
import fcntl
import glob
import hashlib
import json
import mmap
import os
import random
import select
import signal
import sqlite3
import sys
import time

PAUSE = 50_000_000
SHORT_PAUSE = 20_000_000  # the looker's, which measures how long nobody served
AFTER_ERROR = 0.05
PATIENCE = 60  # seconds for all to end

STOP, WRITTEN, RECORDS, ROWS = range(4)


class Shared:
    """Numbers that all processes see; each has one writer."""

    def __init__(self):
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)

    def __getitem__(self, slot):
        return int.from_bytes(self._memory[slot * 8 : slot * 8 + 8], "little")

    def __setitem__(self, slot, number):
        self._memory[slot * 8 : slot * 8 + 8] = number.to_bytes(8, "little")


shared = Shared()
starter = os.getpid()


def stopping():
    """Told to end, or left alone by a parent that was killed."""
    return shared[STOP] or os.getppid() != starter


def tell(**facts):
    os.write(1, (json.dumps(facts) + "\n").encode())  # one write: lines of several processes don't mix


class Kind:
    rate = 10  # steps a second
    pause = PAUSE

    def __init__(self, name, folder, pace):
        self.name = name
        self.folder = folder
        self.rate = self.rate * pace
        self.operations = 0
        self.longest = 0

    def open(self):
        """Before the first step and after an error."""

    def step(self):
        raise NotImplementedError

    def close(self):
        """After an error and at the end; may fail."""

    def check(self):
        """What must hold at the end; returns how many things were acknowledged."""
        return 0

    def run(self):
        ready = False
        while not stopping():
            try:
                self.open()
                while not stopping():
                    begun = time.monotonic()
                    self.step()
                    if not ready:
                        tell(ready=self.name)
                        ready = True
                    time.sleep(max(0.001, 1 / self.rate - (time.monotonic() - begun)))
            except (OSError, sqlite3.Error):
                self.close_anyhow()  # `timed` has told the error
                time.sleep(AFTER_ERROR)
        self.close_anyhow()
        try:
            acknowledged = self.check()
            tell(end=self.name, operations=self.operations, longest=self.longest, acknowledged=acknowledged)
        except (OSError, sqlite3.Error) as e:
            self.wrong(f"the check at the end failed: {e}")

    def close_anyhow(self):
        try:
            self.close()
        except (OSError, sqlite3.Error):
            pass  # what it lost is found by the check

    def timed(self, operation, call, *arguments, expected=()):
        """Runs an operation; one of the expected errors is no error, and None is returned."""
        start = time.monotonic_ns()
        name = None
        try:
            return call(*arguments)
        except OSError as e:
            if e.errno in expected:
                return None
            name = errno.errorcode.get(e.errno, str(e.errno))
            raise
        except sqlite3.Error as e:
            name = getattr(e, "sqlite_errorname", None) or str(e)
            raise
        finally:
            took = time.monotonic_ns() - start
            self.operations += 1
            self.longest = max(self.longest, took)
            if took > self.pause:
                tell(pause=took, kind=self.name, operation=operation, at=start)
            if name:
                tell(error=name, kind=self.name, operation=operation, at=start, took=took)

    def wrong(self, text):
        tell(wrong=text, kind=self.name)


RECORD = 128


def ask_the_volume(fd):
    """Has the kernel forget what it knows of a file."""
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)


def record(number):
    """Its number, a text that follows from it, and the checksum of both."""
    body = f"{number:016d} {hashlib.sha256(b'%d' % number).hexdigest()[:45]} ".encode()
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def number_of(content):
    """The number of a whole record."""
    number = int(content[:16])
    if content != record(number):
        raise ValueError(content)
    return number


class Writer(Kind):
    """Files of records, a new one after an error: what was not acknowledged may be half there in the old one."""

    rate = 6
    per_file = 100

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.files = {}  # number of the file -> (number of its first record, how many were acknowledged)
        self.file = 0
        self.fd = -1

    def open(self):
        fd = self.timed("create", os.open, self.path(self.file + 1), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.fd = fd
        self.file += 1
        self.files[self.file] = (shared[RECORDS] + 1, 0)

    def step(self):
        first, count = self.files[self.file]
        content = record(first + count)
        if self.timed("write", os.write, self.fd, content) != RECORD:
            self.wrong("a short write")
        self.timed("fsync", os.fsync, self.fd)
        self.files[self.file] = (first, count + 1)
        shared[RECORDS] = first + count
        shared[WRITTEN] = self.file << 32 | count + 1
        if count + 1 == self.per_file:
            self.close()
            self.open()

    def close(self):
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            self.timed("close", os.close, fd)

    def check(self):
        for file, (first, count) in self.files.items():
            with open(self.path(file), "rb") as f:
                ask_the_volume(f.fileno())
                content = f.read()
            for index in range(count):
                if content[index * RECORD : (index + 1) * RECORD] != record(first + index):
                    self.wrong(f"record {first + index} was acknowledged and is not in {self.path(file)}")
        return shared[RECORDS]

    def path(self, file):
        return f"{self.folder}/records-{file}"


class Reader(Kind):
    """Reads what was acknowledged, through a descriptor that stays open and one that doesn't."""

    rate = 15

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.kept = None

    def step(self):
        file, count = divmod(shared[WRITTEN], 1 << 32)
        if count == 0:
            return
        if self.kept is None:
            self.kept = self.opened(file), count
        self.read(*self.kept)
        fd = self.opened(file)
        self.read(fd, count)
        self.timed("close", os.close, fd)

    def opened(self, file):
        return self.timed("open", os.open, f"{self.folder}/records-{file}", os.O_RDONLY)

    def read(self, fd, count):
        ask_the_volume(fd)
        content = self.timed("read", os.pread, fd, RECORD, random.randrange(count) * RECORD)
        try:
            number_of(content)
        except ValueError:
            self.wrong(f"an acknowledged record reads as {content!r}")

    def close(self):
        if self.kept is not None:
            (fd, _), self.kept = self.kept, None
            os.close(fd)


class Sqlite(Kind):
    """Rows numbered from 1. One whose COMMIT failed may be there, so it is written again."""

    rate = 3

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.database = None

    def open(self):
        self.timed("open", self.connect)

    def connect(self):
        self.database = sqlite3.connect(f"{self.folder}/rows.sqlite", isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, content BLOB)")

    def step(self):
        number = shared[ROWS] + 1
        insert = "INSERT OR REPLACE INTO rows VALUES (?, ?)"
        self.timed("insert", self.database.execute, insert, (number, record(number)))
        shared[ROWS] = number

    def close(self):
        if self.database is not None:
            database, self.database = self.database, None
            database.close()

    def check(self):
        acknowledged = shared[ROWS]
        for path in glob.glob(f"{self.folder}/rows.sqlite*"):
            with open(path, "rb") as f:
                ask_the_volume(f.fileno())
        self.connect()
        try:
            found = dict(self.database.execute("SELECT number, content FROM rows"))
            for number in range(1, acknowledged + 1):
                if found.get(number) != record(number):
                    self.wrong(f"row {number} was committed and is not in the database")
            if (verdict := self.database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                self.wrong(f"integrity_check: {verdict}")
        finally:
            self.close()
        return acknowledged


class Locker(Kind):
    """Takes a lock when it is free, writes under it for a while, and gives it back."""

    rate = 15
    writes = 4
    between = 0.04

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.fds = {}
        self.turn = 0

    def open(self):
        for name in "flock", "fcntl":
            self.fds[name] = self.timed("open", os.open, f"{self.folder}/{name}", os.O_RDWR | os.O_CREAT, 0o644)

    def step(self):
        self.turn += 1
        name, lock = (("flock", fcntl.flock), ("fcntl", fcntl.lockf))[self.turn % 2]
        fd = self.fds[name]

        def take():
            lock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True

        if not self.timed("lock", take, expected=(errno.EAGAIN, errno.EACCES)):
            return
        taken = until = time.monotonic_ns()
        lost = True
        try:
            for _ in range(self.writes):
                begun = time.monotonic_ns()
                self.timed("write", os.pwrite, fd, self.name.encode(), 0)
                until = begun
                time.sleep(self.between)
            until = time.monotonic_ns()
            self.timed("unlock", lock, fd, fcntl.LOCK_UN)
            lost = False
        finally:
            tell(lock=name, by=self.name, taken=taken, until=until, lost=lost)

    def close(self):
        fds, self.fds = self.fds, {}
        for fd in fds.values():
            os.close(fd)


class Walker(Kind):
    """Lists a tree and asks for every file in it."""

    rate = 3
    folders = 5
    files = 10

    @classmethod
    def plant(cls, folder):
        for i in range(cls.folders):
            os.makedirs(f"{folder}/tree/{i}", exist_ok=True)
            for j in range(cls.files):
                with open(f"{folder}/tree/{i}/{j}", "wb") as f:
                    f.write(b"x" * j)

    def step(self):
        tree = f"{self.folder}/tree"
        folders = self.timed("list", os.listdir, tree)
        self.expect(tree, folders, self.folders)
        for i in folders:
            files = self.timed("list", os.listdir, f"{tree}/{i}")
            self.expect(f"{tree}/{i}", files, self.files)
            for j in files:
                size = self.timed("stat", os.stat, f"{tree}/{i}/{j}").st_size
                if size != int(j):
                    self.wrong(f"{tree}/{i}/{j} has {size} bytes")

    def expect(self, folder, names, count):
        if sorted(names) != sorted(str(i) for i in range(count)):
            self.wrong(f"{folder} holds {names}")


class Looker(Kind):
    """Asks for names that no cache can know, so the time is that of the filesystem's answer."""

    rate = 50
    pause = SHORT_PAUSE

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = 0

    def step(self):
        self.asked += 1
        self.timed("look", os.stat, f"{self.folder}/missing-{self.asked}", expected=(errno.ENOENT,))


KINDS = {
    "writer": Writer,
    "reader": Reader,
    "sqlite": Sqlite,
    "locker-1": Locker,
    "locker-2": Locker,
    "walker": Walker,
    "looker": Looker,
}


class Processes:
    def __init__(self, folder, pace):
        self.folder = folder
        self.pace = pace
        self.running = {}

    def start(self, name):
        pid = os.fork()
        if pid == 0:
            try:
                KINDS[name](name, self.folder, self.pace).run()
            except BaseException as e:
                tell(wrong=f"it ended: {e!r}", kind=name)
            finally:
                os._exit(0)
        self.running[pid] = name

    def reap(self):
        """A process that a signal ended, as SIGBUS does for a lost mapping, is started again."""
        while self.running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            name = self.running.pop(pid)
            if os.WIFSIGNALED(status):
                code = signal.Signals(os.WTERMSIG(status)).name
                tell(error=code, kind=name, operation="process", at=time.monotonic_ns(), took=0)
                self.start(name)

    def end(self):
        deadline = time.monotonic() + PATIENCE
        while self.running and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.02)
        for pid, name in self.running.items():
            tell(wrong=f"still waits for an operation after {PATIENCE} s", kind=name)
            os.kill(pid, signal.SIGKILL)


def main(pace, folder, *names):
    os.makedirs(folder, exist_ok=True)
    Walker.plant(folder)
    processes = Processes(folder, float(pace))
    for name in names or KINDS:
        processes.start(name)
    while not select.select([0], [], [], 0.05)[0]:
        processes.reap()
    shared[STOP] = 1
    processes.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
