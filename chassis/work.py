"""The transaction at hand: what handlers, resources and the outbox write with."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.database import Database
    from chassis.orm import ModelConnection


@dataclass
class Work:
    """A transaction; inside ``with Work(…):`` it is the one at hand.

    Args:
        db: the database that it writes.
        connection: to it.
        messages: what was enqueued so far.
    """

    db: Database
    connection: ModelConnection
    messages: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Work:
        self._token = _work.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        _work.reset(self._token)


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
