"""SQLite, right: what is SQLite's alone stands in this file and in ``backup``; its errors in ``database_errors``."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import namedtuple
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from chassis.config import Settings
    from chassis.connection import Parameters

Opened = TypeVar("Opened", bound=sqlite3.Connection)

# Between two looks whether the write lock is free; while nobody looks, nobody writes. In the apps it is a millisecond,
# in which gevent counts; to look all the time gained nothing that could be measured.
LOOK_AGAIN_SECONDS = 0.0001


def path_of(database_url: str) -> str | None:
    """The file behind a ``sqlite:///`` URL; None for another kind of database."""
    prefix = "sqlite:///"
    return database_url[len(prefix) :] if database_url.startswith(prefix) else None


def identity(path: str) -> tuple[int, int]:
    """Which file a path names now: it changes when a database is deleted or restored.

    Raises:
        FileNotFoundError: there is no such file.
    """
    status = os.stat(path)
    return status.st_dev, status.st_ino


class SQLiteConnection:
    """A connection of a writer that neither loses an update nor fails as busy.

    The driver's own transactions begin with the first write, so that two may read the same row and both
    write it; BEGIN DEFERRED fails at once when another wrote meanwhile. BEGIN IMMEDIATE takes its turn.

    Args:
        driver: a new connection of the driver.
        settings: how long to wait for one's turn, and how durable a commit is.
    """

    def __init__(self, driver: sqlite3.Connection, settings: Settings) -> None:
        self._driver, self._busy_seconds = driver, settings.database_busy_seconds
        self._path = path_of(settings.database_url) or ""
        self._identity = identity(self._path)  # first: were the file replaced meanwhile, `is_usable` would notice
        driver.isolation_level = None  # the driver begins nothing by itself
        driver.execute(f"PRAGMA busy_timeout = {int(self._busy_seconds * 1000)}")
        _use_wal(driver, self._busy_seconds)
        driver.execute(f"PRAGMA synchronous = {settings.database_synchronous}")
        # What a savepoint would undo is kept in memory: at 64 KiB, a few commands, SQLite would make a file for it, in
        # each commit. So who drops a replica takes as much memory as it has on the disk: 6 MB for 100,000 users.
        driver.execute("PRAGMA temp_store = MEMORY")
        driver.execute("PRAGMA busy_timeout = 0")  # from here on, `begin` waits for its turn

    def begin(self) -> None:
        """Begin a writing transaction as soon as the one before it has ended.

        SQLite's own busy handler sleeps up to 100 ms between two looks, so that under load some wait for seconds.
        """
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                self._driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_AGAIN_SECONDS)

    def begin_reading(self) -> None:
        """Begin to read, without the write lock."""
        self._driver.execute("BEGIN")

    def execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        """Run a statement."""
        cursor = self._driver.cursor()
        cursor.row_factory = _named
        return cursor.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each row of parameters."""
        self._driver.executemany(sql, rows)

    def commit(self) -> None:
        """End the transaction."""
        self._driver.execute("COMMIT")

    def close(self) -> None:
        """Be done with it."""
        self._driver.close()

    def is_usable(self) -> bool:
        """Whether its file is there and the same: what is written to a deleted one is lost."""
        return names(self._path, self._identity)

    def has_begun(self) -> bool:
        """Whether a transaction is open."""
        return self._driver.in_transaction

    def relax(self) -> None:
        """Commit without waiting for the disk from now on: what is written may be lost in a power cut."""
        self._driver.execute("PRAGMA synchronous = NORMAL")


def names(path: str, file: tuple[int, int]) -> bool:
    """Whether a path leads to this file still, which it had as its ``identity``."""
    try:
        return identity(path) == file
    except FileNotFoundError:
        return False


def connect(settings: Settings) -> SQLiteConnection:
    """Open the file to write; raises sqlite3.OperationalError where there is none (yet)."""
    path = path_of(settings.database_url) or ""
    return SQLiteConnection(open_file(path, "rw", settings.database_busy_seconds, sqlite3.Connection), settings)


def open_file(path: str, mode: str, busy_seconds: float, kind: type[Opened]) -> Opened:
    """Open a file that is there.

    Args:
        path: of the file.
        mode: ``"ro"`` or ``"rw"``.
        busy_seconds: how long a statement waits for another's lock.
        kind: of connection.

    Raises:
        sqlite3.OperationalError: there is no such file (yet).
    """
    url = f"file:{_quoted(path)}?mode={mode}"
    return sqlite3.connect(
        url, uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False, factory=kind
    )


def _named(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> NamedTuple:
    """A row whose columns are attributes."""
    return _row_class(cursor.description)._make(row)


@lru_cache
def _row_class(description: tuple[tuple[Any, ...], ...]) -> type[NamedTuple]:
    return namedtuple("Row", [column[0] for column in description], rename=True)  # type: ignore[return-value]


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorname.startswith("SQLITE_BUSY")


def _use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Have a write-ahead log; of those that open a new or restored file at once, one makes it.

    The others are refused without a wait, whatever the busy timeout.
    """
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)


def _quoted(path: str) -> str:
    """A path as SQLite's URI syntax wants it: https://sqlite.org/uri.html ."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
