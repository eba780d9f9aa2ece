"""Connections that write: transactions and plain SQL with named parameters, ``:name``, on the driver itself.

Every command, message and relay writes through here. The same statement through SQLAlchemy takes five times as
long, and a process without it needs a third less memory; it makes the tables, and serves who prefers objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

from chassis import postgresql, sqlite
from chassis.config import Settings

Parameters = Mapping[str, Any]


class Cursor(Protocol):
    """What the cursors of both drivers have; the rows of a ``Connection`` have their columns as attributes."""

    @property
    def description(self) -> Any:
        """For each column, a sequence that begins with its name."""

    @property
    def rowcount(self) -> int:
        """How many rows a statement has changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchmany(self, size: int, /) -> list[Any]:
        """Some more rows; none at the end."""

    def fetchall(self) -> list[Any]:
        """All further rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection to either kind of database."""

    def begin(self) -> None:
        """Begin to write, as soon as those before have ended; what is read inside is what they have left."""

    def begin_reading(self) -> None:
        """Begin to read, without the write lock: all that is read inside is of one moment."""

    def execute(self, sql: str, parameters: Parameters, /) -> Cursor:
        """Run a statement."""

    def execute_many(self, sql: str, rows: Sequence[Parameters], /) -> None:
        """Run a statement once for each row of parameters."""

    def commit(self) -> None:
        """End the transaction: what was written is on the disk."""

    def close(self) -> None:
        """Be done with it; what was not committed is undone."""

    def is_usable(self) -> bool:
        """Whether it still leads to the database: a file may be another one now, a server may have closed it."""

    def has_begun(self) -> bool:
        """Whether a transaction is open that can be committed."""

    def relax(self) -> None:
        """Commit without waiting for the disk from now on: what is written may be lost in a power cut."""


def connect(settings: Settings) -> Connection:
    """Open a connection to the domain's database.

    Raises:
        sqlite3.OperationalError: there is no such file (yet).
        psycopg.OperationalError: the server is away, or has no such database.
    """
    return sqlite.connect(settings) if sqlite.path_of(settings.database_url) else postgresql.connect(settings)


def over(driver: Any, settings: Settings) -> Connection:
    """Make a connection of one that the driver has just opened."""
    if sqlite.path_of(settings.database_url):
        return sqlite.SQLiteConnection(driver, settings)
    return postgresql.PostgreSQLConnection(driver, settings)


Some = TypeVar("Some", bound=Connection)


class Kept(Generic[Some]):
    """Keeps a connection open, and opens another where that one fails or leads nowhere any more.

    Args:
        open: opens one.
    """

    def __init__(self, open: Callable[[], Some]) -> None:
        self._open = open
        self._connection: Some | None = None

    def begin(self) -> Some:
        """The connection, in a writing transaction."""
        return self._begun(lambda connection: connection.begin())

    @contextmanager
    def transaction(self) -> Iterator[Some]:
        """Write inside, and commit on leaving."""
        with self._ended(self.begin()) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Some]:
        """Read inside, as of one moment."""
        with self._ended(self._begun(lambda connection: connection.begin_reading())) as connection:
            yield connection

    def drop(self) -> None:
        """Close the connection, if there is one, and with it undo what was not committed."""
        dropped, self._connection = self._connection, None
        if dropped is not None:
            dropped.close()

    @contextmanager
    def _ended(self, connection: Some) -> Iterator[Some]:
        try:
            yield connection
            connection.commit()
        except BaseException:
            self.drop()
            raise

    def _begun(self, begin: Callable[[Some], None]) -> Some:
        while True:
            kept = self._connection
            if kept is not None and not kept.is_usable():
                self.drop()
                kept = None
            connection = self._connection = kept or self._open()
            try:
                begin(connection)
                return connection
            except BaseException:
                found_closed = kept is not None and not kept.is_usable()  # since it was used last
                self.drop()
                if not found_closed:
                    raise
