"""What the query side reads through: read-only connections to a domain's database, lent for one query each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from chassis.connection import Cursor, Parameters

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
