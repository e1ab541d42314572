"""SQLite with four writer processes on one database file."""

import signal
import sqlite3

from cases import Processes, Signal, case, expect, main

WRITERS, ROWS = 4, 60


def connect(path):
    connection = sqlite3.connect(path, timeout=120, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def insert(path, writer):
    connection = connect(path)
    for row in range(ROWS):
        connection.execute("BEGIN IMMEDIATE")
        (before,) = connection.execute("SELECT total FROM sum").fetchone()
        connection.execute("INSERT INTO record VALUES (?, ?, ?)", (writer, row, "x" * 500))
        connection.execute("UPDATE sum SET total = ?", (before + 1,))
        connection.execute("COMMIT")
    connection.close()


def check(path, wanted):
    connection = connect(path)
    expect(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)], "integrity_check")
    rows = connection.execute("SELECT writer, row FROM record ORDER BY writer, row").fetchall()
    expect(rows, wanted, "rows")
    expect(connection.execute("SELECT total FROM sum").fetchone(), (len(wanted),), "no update was lost")
    connection.close()


def create(path, mode):
    connection = connect(path)
    expect(connection.execute(f"PRAGMA journal_mode={mode}").fetchone(), (mode,), "journal mode")
    connection.execute("CREATE TABLE record (writer INTEGER, row INTEGER, text TEXT, PRIMARY KEY (writer, row))")
    connection.execute("CREATE TABLE sum (total INTEGER)")
    connection.execute("INSERT INTO sum VALUES (0)")
    connection.close()


def four_writers(folder, mode):
    path = f"{folder}/data.sqlite"
    create(path, mode)
    with Processes() as processes:
        for writer in range(WRITERS):
            processes.start(insert, path, writer)
    check(path, [(writer, row) for writer in range(WRITERS) for row in range(ROWS)])


@case
def four_writers_with_a_rollback_journal(folder):
    four_writers(folder, "delete")


@case
def four_writers_with_a_write_ahead_log(folder):
    four_writers(folder, "wal")


def killed_in_a_transaction(folder, mode):
    """What a writer had committed stays, what it had begun goes, and the next writer isn't locked out."""
    path = f"{folder}/data.sqlite"
    create(path, mode)
    begun = Signal()

    def victim():
        connection = connect(path)
        connection.execute("PRAGMA cache_size=5")  # pages: makes the open transaction reach the file before its commit
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO record VALUES (0, 0, 'committed')")
        connection.execute("UPDATE sum SET total = 1")
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE sum SET total = 99")
        for row in range(1, 200):
            connection.execute("INSERT INTO record VALUES (0, ?, ?)", (row, "y" * 2000))
        begun.give()
        signal.pause()

    with Processes() as processes:
        pid = processes.start(victim)
        begun.wait()
        processes.kill(pid)
    check(path, [(0, 0)])
    insert(path, 1)
    check(path, [(0, 0)] + [(1, row) for row in range(ROWS)])


@case
def a_killed_writer_leaves_whole_transactions_in_a_rollback_journal(folder):
    killed_in_a_transaction(folder, "delete")


@case
def a_killed_writer_leaves_whole_transactions_in_a_write_ahead_log(folder):
    killed_in_a_transaction(folder, "wal")


if __name__ == "__main__":
    main()
