"""What the scripts beside this one share: `SCRIPT CASE FOLDER` runs one case in a folder of its own.

A case is a function marked `@case` that gets an empty folder (str) on the filesystem under test and raises when the
filesystem does not keep its promise. The exit code is 0 when it kept it, 1 with a traceback when not; `SCRIPT` alone
lists the cases. `SCRIPT all FOLDER` is for people.
"""

import errno
import os
import shutil
import sys
import tempfile
import traceback

_cases = {}


def case(function):
    _cases[function.__name__] = function
    return function


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: expected {_short(wanted)}, got {_short(actual)}")


def _short(value):
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]}... ({len(text)} characters)"


def expect_error(code, what, call, *arguments):
    """The call must fail with exactly this errno."""
    try:
        call(*arguments)
    except OSError as e:
        expect(errno.errorcode.get(e.errno, e.errno), errno.errorcode[code], what)
    else:
        raise AssertionError(f"{what}: succeeded, expected {errno.errorcode[code]}")


def write(path, content):
    """Creates or truncates, writes, fsyncs."""
    with open(path, "wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())


def read(path):
    with open(path, "rb") as f:
        return f.read()


def read_from_backend(path):
    """The file without what the kernel caches of it."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        content = bytearray()
        while piece := os.pread(fd, 1 << 20, len(content)):
            content += piece
        return bytes(content)
    finally:
        os.close(fd)


class Processes:
    """Children that run a function each; every one must end with exit code 0 unless it was killed on purpose."""

    def __init__(self):
        self._running = {}

    def start(self, function, *arguments):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                function(*arguments)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        self._running[pid] = function.__name__
        return pid

    def kill(self, pid):
        del self._running[pid]
        os.kill(pid, 9)
        os.waitpid(pid, 0)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Waits for all; when the case has failed already, kills the rest instead."""
        failed = []
        for pid, name in self._running.items():
            if kind is not None:
                os.kill(pid, 9)
            _, status = os.waitpid(pid, 0)
            if status != 0:
                failed.append(f"{name} (process {pid}) ended with status {status}")
        if kind is None and failed:
            raise AssertionError("; ".join(failed))


class Signal:
    """Lets one process tell others that something has happened, once."""

    def __init__(self):
        self._reader, self._writer = os.pipe()

    def give(self):
        os.write(self._writer, b"." * 64)

    def wait(self):
        expect(os.read(self._reader, 1), b".", "the other process gave its signal")


def main():
    if len(sys.argv) != 3:
        print("\n".join(_cases))
        sys.exit(0 if len(sys.argv) == 1 else f"usage: {sys.argv[0]} CASE|all FOLDER")
    wanted, parent = sys.argv[1:]
    for name in _cases if wanted == "all" else [wanted]:
        folder = tempfile.mkdtemp(prefix=f"{name}-", dir=parent)
        _cases[name](folder)
        shutil.rmtree(folder)
        print(f"ok {name}", flush=True)
