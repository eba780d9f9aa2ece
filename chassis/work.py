"""The transaction at hand: what handlers, resources and the outbox write with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.database import Database
    from chassis.orm import ModelConnection


@dataclass
class Work:
    """The transaction at hand.

    Args:
        db: the database that it writes.
        connection: to it.
        messages: what was enqueued so far.
    """

    db: Database
    connection: ModelConnection
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
    """Let this be the transaction that is found inside."""
    token = _work.set(work)
    try:
        yield
    finally:
        _work.reset(token)
