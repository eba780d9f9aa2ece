"""The transaction at hand: what handlers, resources and the outbox write with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from chassis.database import Database


@dataclass
class Work:
    """The transaction at hand.

    Args:
        db: the database that it writes.
        connection: to it.
        messages: what was enqueued so far.
    """

    db: Database
    connection: Connection
    messages: list[dict[str, Any]] = field(default_factory=list)


_work: ContextVar[Work | None] = ContextVar("work", default=None)


def work() -> Work:
    """The transaction at hand.

    Raises:
        RuntimeError: there is none.
    """
    found = _work.get()
    if found is None:
        raise RuntimeError("write and enqueue inside `with transaction():`, so that all of it commits together")
    return found


def is_at_hand() -> bool:
    """Whether a transaction is open."""
    return _work.get() is not None


@contextmanager
def at_hand(work: Work) -> Iterator[None]:
    """Let `work` be found, and the ORM's session write with it, where it is used."""
    token = _work.set(work)
    try:
        yield
        if work.db.session.registry.has():
            work.db.session.commit()  # into the transaction at hand
    except BaseException:
        if work.db.session.registry.has():
            with suppress(SQLAlchemyError):  # what it wrote is undone with the transaction
                work.db.session.rollback()
        raise
    finally:
        _work.reset(token)


class WorkSession(Session):
    """The ORM's session, which writes with the transaction at hand, in a savepoint of its own."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Where to read and write."""
        return work().connection if is_at_hand() else super().get_bind(*args, **kwargs)
