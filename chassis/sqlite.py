"""SQLite, right: everything that is SQLite's alone stands in this file and in ``backup``."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the query side opens its file without SQLAlchemy
    from sqlalchemy import Engine

    from chassis.config import Settings

# Result codes of SQLite's C API: https://sqlite.org/rescode.html
FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"}

# Between two looks whether the write lock is free; a transaction holds it for about this long.
LOOK_AGAIN_SECONDS = 0.0005

_SYNCHRONOUS = {"OFF", "NORMAL", "FULL", "EXTRA"}


def path_of(database_url: str) -> str | None:
    """The file behind a ``sqlite:///`` URL; None for another kind of database."""
    prefix = "sqlite:///"
    return database_url[len(prefix) :] if database_url.startswith(prefix) else None


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error of the driver says that there is no room left to write."""
    return getattr(error, "sqlite_errorname", "") in FULL


def is_statement_error(error: BaseException | None) -> bool:
    """Whether an error of the driver blames the statement: no such column, a syntax error."""
    return getattr(error, "sqlite_errorname", "") == "SQLITE_ERROR"


def connect_read_only(path: str, busy_seconds: float) -> sqlite3.Connection:
    """Open the file for the query side.

    Raises:
        sqlite3.OperationalError: there is no such file (yet).
    """
    connection = sqlite3.connect(
        f"file:{_quoted(path)}?mode=ro", uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def identity(path: str) -> tuple[int, int]:
    """Which file a path names now: it changes when a database is deleted or restored.

    Raises:
        FileNotFoundError: there is no such file.
    """
    status = os.stat(path)
    return status.st_dev, status.st_ino


def configure(engine: Engine, settings: Settings) -> None:
    """Make every connection of an engine a writer that neither loses an update nor fails as busy.

    The driver's own transactions begin with the first write, so that two may read the same row and both
    write it; BEGIN DEFERRED fails at once when another wrote meanwhile. BEGIN IMMEDIATE takes its turn.

    Args:
        engine: an engine of a ``sqlite:///`` URL.
        settings: how long to wait for one's turn, and how durable a commit is.
    """
    from sqlalchemy import event

    path = engine.url.database or ""
    if settings.database_synchronous not in _SYNCHRONOUS:
        raise SystemExit(f"DATABASE_SYNCHRONOUS must be one of {', '.join(sorted(_SYNCHRONOUS))}")

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        record.info["file"] = identity(path)  # first: were the file replaced meanwhile, `same_file` would notice
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute(f"PRAGMA busy_timeout = {int(settings.database_busy_seconds * 1000)}")
        _use_wal(connection, settings.database_busy_seconds)
        connection.execute(f"PRAGMA synchronous = {settings.database_synchronous}")
        connection.execute("PRAGMA busy_timeout = 0")  # from here on, `begin` waits for its turn

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("reading"):
            connection.exec_driver_sql("BEGIN")
        else:
            _take_turn(connection, settings.database_busy_seconds)

    @event.listens_for(engine, "checkout")
    def same_file(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
        """Leave a connection whose file was deleted or replaced: what it wrote would be lost."""
        from sqlalchemy.exc import DisconnectionError

        try:
            replaced = record.info["file"] != identity(path)
        except FileNotFoundError:
            replaced = True
        if replaced:
            raise DisconnectionError(f"{path} is another file now")


def relax(engine: Engine) -> None:
    """Let this process commit without waiting for the disk: what it writes may be lost in a power cut."""
    from sqlalchemy import event

    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))


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
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)


def _take_turn(connection: Any, busy_seconds: float) -> None:
    """Begin a writing transaction as soon as the one before it has ended.

    SQLite's own busy handler sleeps up to 100 ms between two looks, so that under load some wait for seconds.
    """
    driver: sqlite3.Connection = connection.connection.dbapi_connection
    deadline = time.monotonic() + busy_seconds
    while time.monotonic() < deadline:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                break
            time.sleep(LOOK_AGAIN_SECONDS)
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what is wrong as SQLAlchemy's error


def _quoted(path: str) -> str:
    """A path as SQLite's URI syntax wants it: https://sqlite.org/uri.html ."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
