"""The least that keeps a mount alive over the death of its juicefs: the yardstick for the driver.

    bare.py SOCKET JUICEFS ARGUMENT ...       the environment is that of juicefs; ends with its stdin

It keeps the FUSE descriptor that juicefs puts to SOCKET (`_FUSE_FD_COMM`); when the process has ended it has the kernel
send again what the dead one had read, and starts another. It prints the pid of each process. At the end it unmounts.
"""

import os
import select
import socket
import struct
import subprocess
import sys
import threading

RESEND = struct.pack("=IiQ", 16, 7, 0)
SIZE_OF_INIT = 104


class Keeper:
    def __init__(self, path):
        self.init = b""
        self.fuse = -1
        self.dummy = os.open("/dev/null", os.O_RDONLY)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                try:
                    self.talk(connection)
                except OSError:
                    pass  # the process has ended meanwhile

    def talk(self, connection):
        """We speak first; a juicefs that has mounted answers with the INIT request and its descriptor."""
        if self.fuse < 0:
            socket.send_fds(connection, [b"FUSE"], [self.dummy])
        else:
            socket.send_fds(connection, [self.init], [self.dummy, self.fuse])
        init, fds, _, _ = socket.recv_fds(connection, SIZE_OF_INIT, 1)
        if fds and self.fuse < 0:
            self.init, self.fuse = init, fds[0]
        else:
            for fd in fds:
                os.close(fd)

    def resend(self):
        os.write(self.fuse, RESEND)


def main(path, *command):
    keeper = Keeper(path)
    ended, ending = os.pipe()
    while True:
        juicefs = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        print(juicefs.pid, flush=True)
        threading.Thread(target=lambda: (juicefs.wait(), os.write(ending, b".")), daemon=True).start()
        ready, _, _ = select.select([0, ended], [], [])
        if 0 in ready:
            break
        os.read(ended, 1)
        keeper.resend()
    subprocess.run(["umount", command[-1]], check=False)
    os.close(keeper.fuse)
    juicefs.wait(20)


if __name__ == "__main__":
    main(*sys.argv[1:])
