"""What a driver's error means: the database's state, or a fault of the statement."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError, OperationalError

from chassis import postgresql, sqlite
from chassis.errors import Unavailable

log = logging.getLogger("database")


def is_infrastructure(error: BaseException) -> bool:
    """Whether a driver's error speaks of the database's state and not of the statement."""
    if not isinstance(error, DBAPIError):
        return False
    if sqlite.is_statement_error(error.orig) or postgresql.is_statement_error(error.orig):
        return False
    if postgresql.is_read_only(error.orig):
        return True
    return isinstance(error, OperationalError) or error.connection_invalidated or type(error) is DBAPIError


def unavailable(error: DBAPIError) -> Unavailable:
    """The answer to a client when the database is locked, full or away."""
    log.error("%s", error.orig)
    if sqlite.is_disk_full(error.orig) or postgresql.is_disk_full(error.orig):
        return Unavailable("the disk is full: nothing was written; make room and try again", 507)
    return Unavailable("the database is busy or away: nothing was written; try again")
