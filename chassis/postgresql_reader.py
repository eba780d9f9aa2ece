"""The query side on PostgreSQL: each query by itself, each list in a transaction that can only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from chassis import postgresql
from chassis.config import Settings
from chassis.connection import Parameters
from chassis.database_errors import Unavailable
from chassis.pool import Pool
from chassis.readers import MOST_AT_ONCE, NOT_NOW, Found, Lent

if TYPE_CHECKING:
    import psycopg

Result = TypeVar("Result")


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
            except psycopg.Error:  # the server has gone, mostly; the pool does not lend what is closed
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
