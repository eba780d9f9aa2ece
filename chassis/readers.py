"""What the query side reads through: read-only connections to a domain's database, lent for one query each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from chassis import postgresql, sqlite
from chassis.config import Settings
from chassis.connection import Cursor, Parameters
from chassis.database_errors import Unavailable
from chassis.pool import Pool

if TYPE_CHECKING:
    import psycopg

Result = TypeVar("Result")

NOT_NOW = "the database is not there yet, busy or away: try again in a moment"
# Queries of one process that run at once; all others wait. PostgreSQL has 100 connections for all processes.
MOST_AT_ONCE = 8


class Found(NamedTuple):
    """The answer of a query.

    Args:
        columns: for each column, a sequence that begins with its name.
        rows: all of them.
    """

    columns: Any
    rows: list[Any]


class Lent(NamedTuple):
    """Rows that come as they are asked for, on a connection that is lent for so long.

    Args:
        cursor: has the rows.
        close: gives the connection back, whether all rows were read or not.
    """

    cursor: Cursor
    close: Callable[[], None]


class Reader(Protocol):
    """Runs queries with named parameters, ``:name``; raises ``Unavailable`` where there is no database (yet)."""

    json_object: str
    """The database's function that makes a JSON object of names and values."""

    def execute(self, sql: str, parameters: Parameters) -> Found:
        """Run a query that has few rows."""

    def stream(self, sql: str, parameters: Parameters) -> Lent:
        """Run a query that may have many rows; ``close`` what it returns."""


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
        self._pool = Pool(
            lambda: sqlite.connect_read_only(path, busy_seconds),
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

    def _run(self, sql: str, parameters: Parameters) -> tuple[sqlite.ReadOnly, sqlite3.Cursor]:
        try:
            return self._pool.lend(lambda connection: connection.execute(sql, parameters))
        except (sqlite3.OperationalError, FileNotFoundError) as error:
            raise Unavailable(NOT_NOW) from error


class PostgreSQLReader:
    """Reads a database of a server.

    Args:
        settings: where it is, and how long to wait for it.
    """

    json_object = "json_build_object"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: Pool[psycopg.Connection[Any]] = Pool(
            self._open, lambda connection: not connection.closed, MOST_AT_ONCE, settings.database_busy_seconds
        )

    def execute(self, sql: str, parameters: Parameters) -> Found:
        """Run a query; all its rows are read at once."""
        connection, cursor = self._run(lambda lent: lent.execute(postgresql.pyformat(sql).encode(), parameters))
        try:
            return Found(cursor.description, cursor.fetchall())
        finally:
            self._pool.give(connection)

    def stream(self, sql: str, parameters: Parameters) -> Lent:
        """Run a query; the server keeps its rows until they are asked for, in a transaction."""
        import psycopg

        def declare(lent: psycopg.Connection) -> psycopg.ServerCursor[Any]:
            lent.execute("BEGIN")
            return lent.cursor(name="list").execute(postgresql.pyformat(sql).encode(), parameters)

        connection, cursor = self._run(declare)

        def close() -> None:
            try:
                connection.rollback()
            except psycopg.OperationalError:  # the server has gone; the pool does not lend what is closed
                connection.close()
            self._pool.give(connection)

        return Lent(cursor, close)

    def _run(self, query: Callable[[psycopg.Connection], Result]) -> tuple[psycopg.Connection, Result]:
        import psycopg

        try:
            try:
                return self._pool.lend(query)
            except psycopg.OperationalError:  # the server may have been restarted since the last query
                self._pool.clear()
            return self._pool.lend(query)
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
            raise Unavailable(NOT_NOW) from error

    def _open(self) -> psycopg.Connection:
        import psycopg

        try:
            return postgresql.connect_read_only(self._settings)
        except psycopg.OperationalError as error:  # it is not tried a second time
            raise Unavailable(NOT_NOW) from error
