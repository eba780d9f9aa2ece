"""PostgreSQL, right: whatever is PostgreSQL's alone stands in this file; its errors in ``database_errors``.

Its driver is psycopg 3, which is installed where it is used: ``postgresql/requirements.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a suite on SQLite has no psycopg
    import psycopg

    from chassis.config import Settings
    from chassis.connection import Parameters

# Who writes to a domain's database holds this lock of it. The number means nothing; it is everybody's.
WRITE_LOCK = 1

# How long the server may take to hear that a statement is to end.
CANCEL_SECONDS = 5


@lru_cache
def pyformat(sql: str) -> str:
    """A statement with ``:name`` parameters as psycopg wants it: ``%(name)s``; ``::`` is a cast and stays."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql.replace("%", "%%"))


class PostgreSQLConnection:
    """A connection of a writer; those who write to a database take turns, as SQLite's BEGIN IMMEDIATE has it.

    Every writing transaction begins with one lock, which its end gives back after the commit can be seen. So
    each reads what all before it have written: nothing is promised or numbered twice, the order of the commits
    is that of the messages' numbers, and there is no deadlock. It costs one round trip, and that commits
    don't overlap; those that send a message would wait for each other at the stream's row anyway.

    Args:
        driver: a new connection of the driver.
        settings: how long to wait for one's turn.
    """

    def __init__(self, driver: psycopg.Connection[Any], settings: Settings) -> None:
        from psycopg.rows import namedtuple_row

        self._driver, self._named = driver, namedtuple_row
        # READ COMMITTED: a stricter transaction would see the database as it was before it had its turn.
        driver.execute("SET default_transaction_isolation = 'read committed'")
        driver.execute(f"SET lock_timeout = {max(1, int(settings.database_busy_seconds * 1000))}".encode())
        driver.commit()

    def begin(self) -> None:
        """Begin to write, as soon as those before have ended."""
        self.execute(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})", {})

    def begin_reading(self) -> None:
        """Begin to read: one moment for all queries, as with SQLite."""
        self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", {})

    def execute(self, sql: str, parameters: Parameters) -> psycopg.Cursor[Any]:
        """Run a statement."""
        with self._ended():
            return self._driver.cursor(row_factory=self._named).execute(pyformat(sql).encode(), parameters)

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each row of parameters."""
        with self._ended():
            self._driver.cursor().executemany(pyformat(sql).encode(), rows)

    def commit(self) -> None:
        """End the transaction."""
        self._driver.commit()

    def close(self) -> None:
        """Be done with it."""
        self._driver.close()

    def is_usable(self) -> bool:
        """Whether it is open, as far as it was used."""
        return not self._driver.closed

    def has_begun(self) -> bool:
        """Whether a transaction is open, and not undone by an error in it: its COMMIT would be a silent ROLLBACK."""
        from psycopg.pq import TransactionStatus

        return self._driver.info.transaction_status == TransactionStatus.INTRANS

    def relax(self) -> None:
        """Commit without waiting for the disk from now on: what is written may be lost in a power cut."""
        self._driver.execute("SET synchronous_commit = off")
        self._driver.commit()

    def end_statement(self) -> None:
        """End a statement that a time limit broke off: on the server it would go on, and hold the lock.

        What it still has to answer must not reach who uses the connection next: it is closed.
        """
        from psycopg.pq import TransactionStatus

        if self._driver.info.transaction_status == TransactionStatus.ACTIVE:
            self._driver.cancel_safe(timeout=CANCEL_SECONDS)
            self._driver.close()

    @contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.end_statement()
            raise


def connect(settings: Settings) -> PostgreSQLConnection:
    """Connect to the server to write; raises psycopg.OperationalError where it is away."""
    return PostgreSQLConnection(_open(settings), settings)


def connect_read_only(settings: Settings) -> psycopg.Connection:
    """Open a database for the query side; each statement is a transaction of its own.

    Raises:
        psycopg.OperationalError: the server is away, or has no such database.
    """
    connection = _open(settings)
    connection.autocommit = True
    connection.execute("SET default_transaction_read_only = on")
    return connection


def _open(settings: Settings) -> psycopg.Connection:
    import psycopg

    url = settings.database_url.replace("postgresql+psycopg:", "postgresql:", 1)
    return psycopg.connect(url, connect_timeout=connect_timeout(settings))


def connect_timeout(settings: Settings) -> int:
    """In whole seconds, as libpq has it; below 2 it would take 2."""
    return max(2, int(settings.database_busy_seconds))
