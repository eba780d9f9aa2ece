"""Connections to read with, each lent to one request at a time: those of one process read at the same time."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

from chassis.database_errors import Unavailable


class Closable(Protocol):
    """A connection of either driver."""

    def close(self) -> None:
        """Be done with it."""


Some = TypeVar("Some", bound=Closable)
Result = TypeVar("Result")


class Pool(Generic[Some]):
    """Lends connections, the one that was used last first: at rest, one serves all.

    Args:
        open: opens one.
        is_usable: whether one still leads to the database.
        most: so many are lent at once.
        wait_seconds: how long one waits while all are lent.
    """

    def __init__(
        self, open: Callable[[], Some], is_usable: Callable[[Some], bool], most: int, wait_seconds: float
    ) -> None:
        self._open, self._is_usable, self._wait_seconds = open, is_usable, wait_seconds
        self._idle: list[Some] = []
        self._places: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self._places.put(None)

    def lend(self, query: Callable[[Some], Result]) -> tuple[Some, Result]:
        """Run a query on a connection, and return both; ``give`` it back when the result was read.

        Raises:
            Unavailable: none became free in time.
            Exception: the driver's; the connection is closed.
        """
        try:
            self._places.get(timeout=self._wait_seconds)
        except Empty:
            raise Unavailable("too many read at once: try again in a moment") from None
        connection = None
        try:
            connection = self._usable() or self._open()
            return connection, query(connection)
        except BaseException:
            self._places.put(None)
            if connection is not None:
                connection.close()
            raise

    def give(self, connection: Some) -> None:
        """Take a connection back for the next."""
        self._idle.append(connection)
        self._places.put(None)

    def clear(self) -> None:
        """Close what is not lent."""
        while self._idle:
            self._idle.pop().close()

    def _usable(self) -> Some | None:
        while self._idle:
            connection = self._idle.pop()
            if self._is_usable(connection):
                return connection
            connection.close()
        return None
