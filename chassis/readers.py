"""Read-only connections to a domain's database, one for each thread: what the query side reads through."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chassis import postgresql, sqlite
from chassis.config import Settings
from chassis.connection import Cursor, Parameters
from chassis.database_errors import Unavailable

if TYPE_CHECKING:
    import psycopg

Found = TypeVar("Found")

NOT_NOW = "the database is not there yet, busy or away: try again in a moment"


class Reader(Protocol):
    """Runs queries with named parameters, ``:name``; raises ``Unavailable`` where there is no database (yet)."""

    json_object: str
    """The database's function that makes a JSON object of names and values."""

    def execute(self, sql: str, parameters: Parameters) -> Cursor:
        """Run a query that has few rows."""

    def stream(self, sql: str, parameters: Parameters) -> Cursor:
        """Run a query whose rows come as they are asked for; ``release`` afterwards."""

    def release(self) -> None:
        """Be done with what this thread streamed, whether it was read to its end or not."""


def reader_of(settings: Settings) -> Reader:
    """A reader for the database that the settings name."""
    path = sqlite.path_of(settings.database_url)
    return PostgreSQLReader(settings) if path is None else SQLiteReader(path, settings.database_busy_seconds)


class SQLiteReader:
    """Reads a file.

    Args:
        path: of the file.
        busy_seconds: how long a query waits for another's lock.
    """

    json_object = "json_object"

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._path, self._busy_seconds = path, busy_seconds
        self._local = threading.local()

    def execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        """Run a query; its rows come as they are asked for."""
        try:
            return self._connection().execute(sql, parameters)
        except (sqlite3.OperationalError, FileNotFoundError) as error:
            raise Unavailable(NOT_NOW) from error

    stream = execute

    def release(self) -> None:
        """Nothing is left behind."""

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a new one when the file was deleted or restored."""
        now = sqlite.identity(self._path)
        if getattr(self._local, "identity", None) != now:
            self._local.connection = sqlite.connect_read_only(self._path, self._busy_seconds)
            self._local.identity = now
        connection: sqlite3.Connection = self._local.connection
        return connection


class PostgreSQLReader:
    """Reads a database of a server.

    Args:
        settings: where it is, and how long to wait for it.
    """

    json_object = "json_build_object"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._local = threading.local()

    def execute(self, sql: str, parameters: Parameters) -> psycopg.Cursor[Any]:
        """Run a query; all its rows are read at once."""
        return self._run(lambda connection: connection.execute(postgresql.pyformat(sql).encode(), parameters))

    def stream(self, sql: str, parameters: Parameters) -> psycopg.ServerCursor[Any]:
        """Run a query; the server keeps its rows until they are asked for, in a transaction."""

        def declare(connection: psycopg.Connection) -> psycopg.ServerCursor[Any]:
            connection.rollback()  # where an earlier list was not released; at rest, nothing is sent
            connection.execute("BEGIN")
            cursor = connection.cursor(name="list")
            return cursor.execute(postgresql.pyformat(sql).encode(), parameters)

        return self._run(declare)

    def release(self) -> None:
        """End the transaction of a list."""
        if not self._local.connection.closed:
            self._local.connection.rollback()

    def _run(self, query: Callable[[psycopg.Connection], Found]) -> Found:
        """Run a query; where the server was restarted since the last one, run it on a new connection."""
        import psycopg

        try:
            connection = self._connection()
            try:
                return query(connection)
            except psycopg.OperationalError:
                if not connection.closed:
                    raise
            return query(self._connection())
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
            raise Unavailable(NOT_NOW) from error

    def _connection(self) -> psycopg.Connection:
        """This thread's connection; a new one when the server closed it."""
        if getattr(self._local, "connection", None) is None or self._local.connection.closed:
            self._local.connection = postgresql.connect_read_only(self._settings)
        connection: psycopg.Connection = self._local.connection
        return connection
