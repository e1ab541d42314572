"""Names: folders that move, files without a name, with two names, pipes, extended attributes, holes."""

import ctypes
import errno
import os
import socket
import subprocess

from cases import Processes, Signal, case, expect, expect_error, main, read, read_from_backend, write


def tree(folder, name):
    os.makedirs(f"{folder}/{name}/deep/deeper")
    write(f"{folder}/{name}/deep/deeper/file", b"content")
    return f"{folder}/{name}"


@case
def a_folder_moves_with_its_content(folder):
    tree(folder, "old")
    os.mkdir(f"{folder}/place")
    inside = os.open(f"{folder}/old/deep/deeper/file", os.O_RDWR)
    os.chdir(f"{folder}/old/deep")
    os.rename(f"{folder}/old", f"{folder}/place/new")
    expect(sorted(os.listdir(folder)), ["place"], "names")
    expect(read(f"{folder}/place/new/deep/deeper/file"), b"content", "the file under its new path")
    expect(os.getcwd(), f"{folder}/place/new/deep", "the current folder of a process in it")
    os.pwrite(inside, b"CONTENT", 0)
    os.close(inside)
    expect(read(f"{folder}/place/new/deep/deeper/file"), b"CONTENT", "what was written through the open descriptor")


@case
def a_folder_replaces_an_empty_one(folder):
    moved = tree(folder, "moved")
    inode = os.stat(moved).st_ino
    os.mkdir(f"{folder}/empty")
    os.rename(moved, f"{folder}/empty")
    expect(os.listdir(folder), ["empty"], "names")
    expect(os.stat(f"{folder}/empty").st_ino, inode, "inode")
    expect(read(f"{folder}/empty/deep/deeper/file"), b"content", "content")


@case
def a_folder_does_not_replace_a_full_one(folder):
    moved, full = tree(folder, "moved"), tree(folder, "full")
    expect_error(errno.ENOTEMPTY, "rename over a folder with content", os.rename, moved, full)
    write(f"{folder}/file", b"")
    expect_error(errno.ENOTDIR, "rename of a folder over a file", os.rename, moved, f"{folder}/file")
    expect_error(errno.EISDIR, "rename of a file over a folder", os.rename, f"{folder}/file", full)
    expect_error(errno.EINVAL, "rename of a folder into itself", os.rename, moved, f"{moved}/deep/moved")
    expect(read(f"{full}/deep/deeper/file"), b"content", "the folder that was not replaced")
    expect(read(f"{moved}/deep/deeper/file"), b"content", "the folder that was not moved")


@case
def two_folders_are_exchanged(folder):
    os.mkdir(f"{folder}/a")
    write(f"{folder}/a/was-in-a", b"")
    os.mkdir(f"{folder}/b")
    at_cwd, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE: Python has no call for renameat2(2)
    renamed = ctypes.CDLL(None).renameat2(at_cwd, f"{folder}/a".encode(), at_cwd, f"{folder}/b".encode(), exchange)
    expect(renamed, 0, "renameat2")
    expect(os.listdir(f"{folder}/a"), [], "content of a")
    expect(os.listdir(f"{folder}/b"), ["was-in-a"], "content of b")


@case
def a_deleted_file_lives_while_it_is_open(folder):
    path = f"{folder}/file"
    write(path, b"a" * 100_000)
    fd = os.open(path, os.O_RDWR)
    os.unlink(path)
    expect(os.listdir(folder), [], "names")
    expect(os.fstat(fd).st_nlink, 0, "links")
    os.pwrite(fd, b"b" * 1000, 99_500)
    os.fsync(fd)
    expect(os.pread(fd, 200_000, 0), b"a" * 99_500 + b"b" * 1000, "content through the open descriptor")
    write(path, b"another")
    expect(os.pread(fd, 5, 0), b"aaaaa", "the old file beside a new one of the same name")
    os.close(fd)
    expect(read(path), b"another", "the new file")


@case
def a_deleted_file_lives_for_another_process(folder):
    path = f"{folder}/file"
    write(path, b"a" * 100_000)
    opened, deleted = Signal(), Signal()

    def reader():
        fd = os.open(path, os.O_RDONLY)
        opened.give()
        deleted.wait()
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        expect(os.pread(fd, 200_000, 0), b"a" * 100_000, "content after another process deleted it")

    with Processes() as processes:
        processes.start(reader)
        opened.wait()
        os.unlink(path)
        deleted.give()


@case
def hard_links_are_one_file(folder):
    first, second = f"{folder}/first", f"{folder}/second"
    write(first, b"content")
    os.link(first, second)
    expect(os.stat(first).st_ino, os.stat(second).st_ino, "inode")
    expect(os.stat(first).st_nlink, 2, "links")
    write(second, b"changed")
    expect(read(first), b"changed", "content by the other name")
    os.unlink(first)
    expect(os.stat(second).st_nlink, 1, "links after one was removed")
    expect(read_from_backend(second), b"changed", "content by the last name")
    os.mkdir(f"{folder}/folder")
    expect_error(errno.EPERM, "a hard link to a folder", os.link, f"{folder}/folder", f"{folder}/other")
    expect_error(errno.EEXIST, "a hard link over a name", os.link, second, f"{folder}/folder")


@case
def a_fifo_connects_processes(folder):
    path = f"{folder}/pipe"
    os.mkfifo(path)

    def writer():
        with open(path, "wb") as f:
            f.write(b"through the pipe" * 10_000)

    with Processes() as processes:
        processes.start(writer)
        expect(read(path), b"through the pipe" * 10_000, "what came through")


@case
def a_socket_connects_processes(folder):
    with socket.socket(socket.AF_UNIX) as server, Processes() as processes:
        os.chdir(folder)
        server.bind("socket")
        server.listen()

        def client():
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect("socket")
                peer.sendall(b"hello")

        processes.start(client)
        connection, _ = server.accept()
        with connection:
            expect(connection.recv(100), b"hello", "what came through")


@case
def extended_attributes_are_kept(folder):
    path = f"{folder}/file"
    write(path, b"")
    expect_error(errno.ENODATA, "an attribute that isn't there", os.getxattr, path, "user.absent")
    values = {"user.small": b"\0binary\xff", "user.large": b"v" * 4000, "user.empty": b""}
    for name, value in values.items():
        os.setxattr(path, name, value, os.XATTR_CREATE)
    expect_error(errno.EEXIST, "creating it twice", os.setxattr, path, "user.small", b"x", os.XATTR_CREATE)
    expect_error(errno.ENODATA, "replacing an absent one", os.setxattr, path, "user.absent", b"x", os.XATTR_REPLACE)
    os.rename(path, f"{folder}/moved")
    path = f"{folder}/moved"
    expect(sorted(os.listxattr(path)), sorted(values), "names")
    expect({name: os.getxattr(path, name) for name in values}, values, "values")
    os.removexattr(path, "user.large")
    expect(sorted(os.listxattr(path)), ["user.empty", "user.small"], "names after one was removed")


@case
def holes_read_as_zeros(folder):
    path, size = f"{folder}/sparse", 200 << 20
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    os.pwrite(fd, b"start", 0)
    os.pwrite(fd, b"middle", 70_000_001)
    os.ftruncate(fd, size)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    expect(os.fstat(fd).st_size, size, "size")
    expect(os.pread(fd, 12, 0), b"start" + b"\0" * 7, "start")
    expect(os.pread(fd, 16, 69_999_996), b"\0" * 5 + b"middle" + b"\0" * 5, "middle")
    expect(os.pread(fd, 1 << 20, 100 << 20), b"\0" * (1 << 20), "a hole")
    expect(os.pread(fd, 100, size - 10), b"\0" * 10, "end")
    os.close(fd)


@case
def a_hole_is_punched(folder):
    path = f"{folder}/file"
    write(path, b"x" * (9 << 20))
    subprocess.run(["fallocate", "--punch-hole", "--offset", "1000", "--length", "5000000", path], check=True)
    content = read_from_backend(path)
    assert content == b"x" * 1000 + b"\0" * 5_000_000 + b"x" * ((9 << 20) - 5_001_000), "the hole, and nothing else"


@case
def a_large_folder_is_listed_whole(folder):
    wanted = {f"file-{number:05d}" for number in range(1500)}
    for name in wanted:
        os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o644))
    expect(set(os.listdir(folder)), wanted, "names")
    for name in sorted(wanted)[::2]:
        os.unlink(f"{folder}/{name}")
    expect(set(os.listdir(folder)), set(sorted(wanted)[1::2]), "names after half were deleted")


if __name__ == "__main__":
    main()
