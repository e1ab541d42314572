"""Prints all that a folder has, a line for each name, in the order of names: equal output, equal folders.

  tree.py FOLDER

A line: the path (blanks and what is no ASCII escaped as in URLs), kind and mode in octal, owner and group, times of
the content and of the inode in nanoseconds, number of links, the first name of the same inode, size, 512-byte blocks,
then what it holds (SHA-256 of the bytes, or the target of a symbolic link), then each extended attribute, access lists
among them, as name=hexadecimal. Directories have no size here, it is the filesystem's own affair.
"""

import concurrent.futures
import hashlib
import os
import stat
import sys
import urllib.parse

THREADS = 8


def names(folder):
    """Every path below a folder and that itself, relative and sorted."""
    found = ["."]
    for at, folders, files in os.walk(folder):
        found += (os.path.relpath(os.path.join(at, name), folder) for name in folders + files)
    return sorted(found)


def content(path, kind):
    if kind == stat.S_IFLNK:
        return urllib.parse.quote(os.fsencode(os.readlink(path)))
    if kind != stat.S_IFREG:
        return "-"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def attributes(path):
    found = sorted(os.listxattr(path, follow_symlinks=False))
    return [f"{name}={os.getxattr(path, name, follow_symlinks=False).hex()}" for name in found]


def line(folder, name, status, first):
    path = os.path.join(folder, name)
    kind = stat.S_IFMT(status.st_mode)
    size = "-" if kind == stat.S_IFDIR else f"{status.st_size}/{status.st_blocks}"
    words = [
        urllib.parse.quote(os.fsencode(name)),
        f"{status.st_mode:o}",
        f"{status.st_uid}:{status.st_gid}",
        f"{status.st_mtime_ns}",
        f"{status.st_ctime_ns}",
        f"{status.st_nlink}",
        urllib.parse.quote(os.fsencode(first)),
        size,
        content(path, kind),
    ]
    return " ".join(words + attributes(path))


def main(folder):
    all_names = names(folder)
    first = {}
    found = []
    for name in all_names:
        status = os.lstat(os.path.join(folder, name))
        found.append((name, status, first.setdefault(status.st_ino, name)))
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for text in pool.map(lambda each: line(folder, *each), found):
            print(text)


main(*sys.argv[1:])
