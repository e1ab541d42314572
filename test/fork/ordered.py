"""Changes in a fixed order, and what of them a copy has.

  ordered.py run FOLDER LEDGERS FILES KIND ... runs a chain of each KIND, over so many files each, see chains.py
  ordered.py count FOLDER FILES                prints a line for each chain, by name: NAME COUNT, or NAME and what is
                                               wrong, if no first so many of its changes give what is there

Change k of a chain raises by one the number that its file k % FILES has. Where a file has its number tells the kind of
the chain: it is the file's name (changed by rename), its size (by truncate), an extended attribute, its content (by a
write with O_DSYNC), so that each is a change that a copy must have from its end on.
"""

import os
import sys

import chains


class Name:
    def __init__(self, folder):
        self.folder = folder
        self.names = {}

    def path(self, file):
        return os.path.join(self.folder, str(file))

    def make(self, file):
        os.mkdir(self.path(file))
        os.close(os.open(f"{self.path(file)}/0", os.O_CREAT | os.O_WRONLY, 0o644))

    def change(self, file, number):
        os.rename(f"{self.path(file)}/{number - 1}", f"{self.path(file)}/{number}")

    def number(self, file):
        (name,) = os.listdir(self.path(file))
        return int(name)


class Opened:
    """A file of its own for each number, kept open by who changes it."""

    flags = os.O_WRONLY

    def __init__(self, folder):
        self.folder = folder
        self.fds = {}

    def path(self, file):
        return os.path.join(self.folder, str(file))

    def make(self, file):
        self.fds[file] = os.open(self.path(file), os.O_CREAT | self.flags, 0o644)


class Size(Opened):
    def change(self, file, number):
        os.ftruncate(self.fds[file], number)

    def number(self, file):
        return os.stat(self.path(file)).st_size


class Attribute(Opened):
    def change(self, file, number):
        os.setxattr(self.fds[file], "user.number", b"%d" % number)

    def number(self, file):
        return int(os.getxattr(self.path(file), "user.number")) if os.listxattr(self.path(file)) else 0


class Content(Opened):
    flags = os.O_WRONLY | os.O_DSYNC

    def change(self, file, number):
        os.pwrite(self.fds[file], b"%020d" % number, 0)

    def number(self, file):
        with open(self.path(file), "rb") as content:
            return int(content.read() or b"0")


KINDS = {"name": Name, "size": Size, "attribute": Attribute, "content": Content}

# An object each, which costs the machine many times what another change does: fewer of them, so that there are more changes.
PAUSES = {"content": 0.02}


def opened(folder, name):
    return KINDS[name.split("-")[0]](os.path.join(folder, name))


def changes(folder, name, files):
    os.makedirs(os.path.join(folder, name))
    chain = opened(folder, name)
    for file in range(files):
        chain.make(file)
    number = 0
    while True:
        number += 1
        for file in range(files):
            yield
            chain.change(file, number)


def chain_of(folder, name, files):
    return chains.Chain(name, changes(folder, name, files), files, PAUSES.get(name.split("-")[0], 0))


def run(folder, ledgers, files, *kinds):
    names = [f"{kind}-{number}" for number, kind in enumerate(kinds)]
    chains.run([chain_of(folder, name, int(files)) for name in names], ledgers)


def count(folder, files):
    for name in sorted(os.listdir(folder)):
        chain = opened(folder, name)
        numbers = [chain.number(file) for file in range(int(files))]
        total = sum(numbers)
        wanted = [total // int(files) + (file < total % int(files)) for file in range(int(files))]
        wrong = [f"{file} has {number}" for file, number in enumerate(numbers) if number != wanted[file]]
        print(name, f"{total} changes, but of its files {', '.join(wrong)}" if wrong else total)


def main(what, *arguments):
    {"run": run, "count": count}[what](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
