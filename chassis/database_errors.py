"""What a driver's error means: the database's state, or a fault of the statement.

The errors of SQLite and of PostgreSQL, as they come from the driver or, by way of ``db.session``, from SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
import sys

# Result codes of SQLite: https://sqlite.org/rescode.html
SQLITE_FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"}
SQLITE_TAKEN = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
SQLITE_STATEMENT = "SQLITE_ERROR"  # no such column, a syntax error

# Codes of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL_FULL = "53100"
POSTGRESQL_TAKEN = "23505"
POSTGRESQL_READ_ONLY = "25006"  # a standby, after the primary has changed places
POSTGRESQL_TOO_COMPLEX = "54"  # a class: the statement is beyond the server's limits


class Unavailable(Exception):
    """The service can't answer now and will be able to later.

    Args:
        detail: what is missing.
        status: 503, or 507 where the disk is full.
    """

    def __init__(self, detail: str, status: int = 503) -> None:
        self.detail, self.status = detail, status
        super().__init__(detail)


def is_infrastructure(error: BaseException) -> bool:
    """Whether an error speaks of the database's state and not of the statement."""
    cause = _cause(error)
    if isinstance(cause, sqlite3.OperationalError):
        return _name(cause) != SQLITE_STATEMENT
    if _code(cause) == POSTGRESQL_READ_ONLY:
        return True
    if psycopg := sys.modules.get("psycopg"):  # where it is not loaded, the error is none of its own
        return isinstance(cause, psycopg.OperationalError) and not _code(cause).startswith(POSTGRESQL_TOO_COMPLEX)
    return False


def is_disk_full(error: BaseException) -> bool:
    """Whether there is no room left to write."""
    cause = _cause(error)
    return _name(cause) in SQLITE_FULL or _code(cause) == POSTGRESQL_FULL


def is_taken(error: BaseException) -> bool:
    """Whether a value is there already that has to be unique."""
    cause = _cause(error)
    return _name(cause) in SQLITE_TAKEN or _code(cause) == POSTGRESQL_TAKEN


def unavailable(error: BaseException) -> Unavailable:
    """What a client is told when the database is locked, full or away."""
    if is_disk_full(error):
        return Unavailable("the disk is full: nothing was written; make room and try again", 507)
    return Unavailable("the database is busy or away: nothing was written; try again")


def _cause(error: BaseException) -> BaseException:
    """The driver's error; SQLAlchemy wraps it into one of its own."""
    return getattr(error, "orig", None) or error


def _name(cause: BaseException) -> str:
    return getattr(cause, "sqlite_errorname", "")


def _code(cause: BaseException) -> str:
    return getattr(cause, "sqlstate", None) or ""
