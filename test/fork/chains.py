"""Runs chains of changes, each in a process that makes one after the other, the next one when the last one is done.

When changes began and were done is in LEDGERS/NAME of each chain, two int64 for each, little-endian nanoseconds of
CLOCK_MONOTONIC, which Java's System.nanoTime() is, too.
"""

import multiprocessing
import os
import select
import struct
import sys
import time

PAGE = 1024  # changes that are written to a ledger at once


class Chain:
    """
    changes  a generator: its first step prepares, each later one makes a change that is in force when it returns
    warm     changes after which a copy is worth a look
    pause    seconds between two changes
    """

    def __init__(self, name, changes, warm, pause=0):
        self.name = name
        self.changes = changes
        self.warm = warm
        self.pause = pause

    def run(self, ledger, stopped, ready):
        starter = os.getppid()
        done = bytearray()
        made = 0
        next(self.changes)
        with open(ledger, "wb") as out:
            while not stopped.is_set() and os.getppid() == starter:
                begun = time.monotonic_ns()
                next(self.changes)
                done += struct.pack("<qq", begun, time.monotonic_ns())
                made += 1
                if made == self.warm:
                    ready.release()
                if made % PAGE == 0:
                    out.write(done)
                    done.clear()
                time.sleep(self.pause)
            out.write(done)


def run(chains, ledgers):
    """Until the end of stdin; prints a dot when each chain is warm."""
    stopped, ready = multiprocessing.Event(), multiprocessing.Semaphore(0)
    processes = [
        multiprocessing.Process(target=chain.run, args=(os.path.join(ledgers, chain.name), stopped, ready))
        for chain in chains
    ]
    for process in processes:
        process.start()
    told = False
    while all(process.is_alive() for process in processes):
        if not told and ready.get_value() == len(processes):
            print(".", flush=True)
            told = True
        if select.select([sys.stdin], [], [], 0.05)[0]:
            break
    stopped.set()
    for process in processes:
        process.join()
    if any(process.exitcode != 0 for process in processes):
        raise SystemExit("a chain ended by itself")
