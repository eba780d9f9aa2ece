"""The ORM within a transaction: ``db.session`` writes with it, for who prefers objects to statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import scoped_session

from chassis.work import is_at_hand, work


class WorkSession(Session):
    """The ORM's session, which writes with the transaction at hand, in a savepoint of its own."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Where to read and write."""
        return work().connection if is_at_hand() else super().get_bind(*args, **kwargs)


@contextmanager
def flushed(session: scoped_session[Any]) -> Iterator[None]:
    """Write what the session holds on leaving, or forget it when that fails; nothing, where it was not used."""
    try:
        yield
        if session.registry.has():
            session.commit()  # into the transaction at hand
    except BaseException:
        if session.registry.has():
            with suppress(SQLAlchemyError):  # what it wrote is undone with the transaction
                session.rollback()
        raise
