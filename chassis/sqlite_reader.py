"""The query side on SQLite: queries on connections that can only read."""

from __future__ import annotations

import sqlite3

from chassis import sqlite
from chassis.connection import Parameters
from chassis.database_errors import Unavailable
from chassis.pool import Pool
from chassis.readers import MOST_AT_ONCE, NOT_NOW, Found, Lent


class ReadOnly(sqlite3.Connection):
    """A connection of the query side; it knows which file it reads."""

    identity: tuple[int, int]

    def still_reads(self, path: str) -> bool:
        """Whether the path names its file still: it may have been deleted, or another one restored."""
        return sqlite.names(path, self.identity)


def connect_read_only(path: str, busy_seconds: float) -> ReadOnly:
    """Open the file for the query side.

    Raises:
        FileNotFoundError, sqlite3.OperationalError: there is no such file (yet).
    """
    found = sqlite.identity(path)  # first: were the file replaced meanwhile, it would be noticed
    connection = sqlite.open_file(path, "ro", busy_seconds, ReadOnly)
    connection.identity = found
    connection.execute("PRAGMA query_only = ON")
    return connection


class SQLiteReader:
    """Reads a file.

    Args:
        path: of the file.
        busy_seconds: how long a query waits for another's lock.
    """

    json_object = "json_object"

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._pool = Pool(
            lambda: connect_read_only(path, busy_seconds),
            lambda connection: connection.still_reads(path),
            MOST_AT_ONCE,
            busy_seconds,
        )

    def execute(self, sql: str, parameters: Parameters) -> Found:
        """Run a query; all its rows are read at once."""
        connection, cursor = self._run(sql, parameters)
        try:
            return Found(cursor.description, cursor.fetchall())
        finally:
            self._pool.give(connection)

    def stream(self, sql: str, parameters: Parameters) -> Lent:
        """Run a query; its rows come as they are asked for."""
        connection, cursor = self._run(sql, parameters)

        def close() -> None:
            cursor.close()  # were it left open, the next query would see the database as it was for this one
            self._pool.give(connection)

        return Lent(cursor, close)

    def _run(self, sql: str, parameters: Parameters) -> tuple[ReadOnly, sqlite3.Cursor]:
        try:
            return self._pool.lend(lambda connection: connection.execute(sql, parameters))
        except (sqlite3.OperationalError, FileNotFoundError) as error:
            raise Unavailable(NOT_NOW) from error
