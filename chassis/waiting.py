"""``Prefer: wait=N`` (RFC 7240): a command waits for what it needs to arrive by replication."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from sqlalchemy.orm import DeclarativeBase
from werkzeug.exceptions import BadRequest

from chassis import reading
from chassis.database import execute

LONGEST_WAIT_SECONDS = 10
# Between two looks: a message takes some 5 ms to arrive.
LOOK_SECONDS = 0.02
# Each that waits looks again and again, and takes one of the connections that gunicorn_conf allows; more are answered
# at once.
_places = threading.BoundedSemaphore(100)

_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?:[,;]|$)", re.IGNORECASE)


class NotHeardOf(BadRequest):
    """A command names a row that is not in this service's replica, or not yet.

    Args:
        model: of the replica.
        id: of the row.
    """

    def __init__(self, model: type[DeclarativeBase], id: int) -> None:
        self.table, self.id = model.__tablename__, id
        super().__init__(
            f"there is no {model.__name__.lower()} {id} here: it does not exist, or replication may still be "
            "on its way; try again in a moment, or send the header Prefer: wait=5"
        )

    def has_come(self) -> bool:
        """Whether the row is here now."""
        return bool(reading.rows(f"SELECT id FROM {self.table} WHERE id = :id", id=self.id))  # noqa: S608 - a constant


def require(model: type[DeclarativeBase], id: int) -> Any:
    """The replica's row, as the transaction at hand sees it.

    Raises:
        NotHeardOf: there is none, or it is still on its way.
    """
    found = execute(f"SELECT * FROM {model.__tablename__} WHERE id = :id", id=id).fetchone()  # noqa: S608 - a constant
    if found is None:
        raise NotHeardOf(model, id)
    return found


def waits_for_replicas(post: Callable[..., Any]) -> Callable[..., Any]:
    """Try a command again when its replicas have arrived, as long as its client prefers to wait.

    Without the header, the first answer stands.
    """

    @wraps(post)
    def patient(*args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        while True:
            try:
                return post(*args, **kwargs)
            except NotHeardOf as missing:
                if not _comes(missing, began + _preferred_wait_seconds()):
                    raise

    return patient


def _comes(missing: NotHeardOf, deadline: float) -> bool:
    """Whether the row arrives before the deadline, by the monotonic clock; nothing is locked meanwhile."""
    if not _places.acquire(blocking=False):
        return False
    try:
        while time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            if missing.has_come():
                return True
        return False
    finally:
        _places.release()


def _preferred_wait_seconds() -> int:
    found = _WAIT.search(", ".join(request.headers.getlist("Prefer")))
    return min(int(found[1]), LONGEST_WAIT_SECONDS) if found else 0
