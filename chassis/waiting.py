"""``Prefer: wait=N`` (RFC 7240): a command waits for what it needs to arrive by replication."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import request
from sqlalchemy.orm import DeclarativeBase
from werkzeug.exceptions import BadRequest

from chassis import reading

Model = TypeVar("Model", bound=DeclarativeBase)

LONGEST_WAIT_SECONDS = 10
# Between two looks: a message takes some 5 ms to arrive.
LOOK_SECONDS = 0.02
# A client that waits holds a thread of the process; those that would take the last are answered at once.
_places = threading.BoundedSemaphore(12)

_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?:[,;]|$)", re.IGNORECASE)


class NotHeardOf(BadRequest):
    """A command names a row that is not in this service's replica, or not yet."""


def require(model: type[Model], id: int) -> dict[str, Any]:
    """The replica's row as it is now, without the write lock.

    Raises:
        NotHeardOf: there is none, or it is still on its way.
    """
    found = reading.rows(f"SELECT * FROM {model.__tablename__} WHERE id = :id", id=id)  # noqa: S608 - a constant
    if not found:
        raise NotHeardOf(
            f"there is no {model.__name__.lower()} {id} here: it does not exist, or replication may still be "
            "on its way; try again in a moment, or send the header Prefer: wait=5"
        )
    return found[0]


def waits_for_replicas(post: Callable[..., Any]) -> Callable[..., Any]:
    """Try a command again until its replicas have arrived, as long as its client prefers to wait.

    Nothing is locked between two tries. Without the header, the first answer stands.
    """

    @wraps(post)
    def patient(*args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        try:
            return post(*args, **kwargs)
        except NotHeardOf:
            deadline = began + _preferred_wait_seconds()
            if time.monotonic() >= deadline or not _places.acquire(blocking=False):
                raise
        try:
            while True:
                time.sleep(LOOK_SECONDS)
                try:
                    return post(*args, **kwargs)
                except NotHeardOf:
                    if time.monotonic() >= deadline:
                        raise
        finally:
            _places.release()

    return patient


def _preferred_wait_seconds() -> int:
    found = _WAIT.search(", ".join(request.headers.getlist("Prefer")))
    return min(int(found[1]), LONGEST_WAIT_SECONDS) if found else 0
