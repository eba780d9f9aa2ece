"""``Idempotency-Key``: a command that is repeated under the same key takes effect once.

The key is claimed before the command runs; the answer is kept in the command's own transaction. After the
IETF draft draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from contextlib import suppress
from typing import Any

import orjson
from flask import Flask, Response, g, request
from sqlalchemy import Connection, delete, insert, select, update
from werkzeug.exceptions import BadRequest, Conflict, UnprocessableEntity

from chassis import tables
from chassis.database import transaction
from chassis.errors import Unavailable
from chassis.work import work

HEADER = "Idempotency-Key"

ANSWER_KEPT_SECONDS = 24 * 60 * 60
# Longer than any command runs, with its longest wait; after that, its process has died and a repeat may run.
CLAIM_KEPT_SECONDS = 15

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class StillRunning(Conflict):
    """The first command under this key has not been answered yet."""

    def __init__(self) -> None:
        super().__init__("a command with this Idempotency-Key is still running: ask again in a moment")


def init_app(app: Flask) -> None:
    """Let every POST of an app be repeated safely."""

    @app.before_request
    def claim_or_replay() -> Response | None:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return None
        if not _KEY.fullmatch(key):
            raise BadRequest(f"{HEADER} must have 1 to 255 visible ASCII characters")
        return _claim(key)

    @app.after_request
    def release(response: Response) -> Response:
        """Free the key of a command that was refused: it had no effect, and may be sent again."""
        if g.get("claim") and response.status_code >= 400:
            with suppress(Unavailable), transaction():  # on a full disk, it is free when the claim has expired
                mine = delete(tables.idempotency).filter_by(owner=g.claim, body=None)
                work().connection.execute(mine)
        return response


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """Keep the answer of the command at hand under its key, if it has one, with the transaction at hand.

    Raises:
        StillRunning: another command took the key over; this one must not take effect.
    """
    if claim := g.get("claim"):
        values = {"body": orjson.dumps(body).decode(), "expires_at": time.time() + ANSWER_KEPT_SECONDS}
        mine = update(tables.idempotency).filter_by(owner=claim).values(values)
        if work().connection.execute(mine).rowcount != 1:
            raise StillRunning
    return body


def _claim(key: str) -> Response | None:
    fingerprint = hashlib.sha256(b"\0".join([request.path.encode(), request.get_data()])).hexdigest()
    with transaction():
        connection = work().connection
        now = time.time()  # only now that it is our turn: what was kept while we waited must not look like the future
        _forget_expired(connection, now)
        kept = connection.execute(select(tables.idempotency).filter_by(key=key)).first()
        if kept is not None and kept.body is None and kept.expires_at > now + CLAIM_KEPT_SECONDS:
            # The clock was set back. Were the claim's command still running, it could not take effect any more.
            connection.execute(delete(tables.idempotency).filter_by(key=key))
            kept = None
        if kept is None:
            values = {"key": key, "fingerprint": fingerprint, "expires_at": now + CLAIM_KEPT_SECONDS}
            g.claim = uuid.uuid4().hex
            connection.execute(insert(tables.idempotency).values(**values, owner=g.claim))
            return None
    if kept.fingerprint != fingerprint:
        raise UnprocessableEntity(f"this {HEADER} was used for another command")
    if kept.body is None:
        raise StillRunning
    return Response(kept.body, content_type="application/json", headers={"Idempotency-Replayed": "true"})


def _forget_expired(connection: Connection, now: float) -> None:
    """Drop what was kept long enough; what was kept before the clock was set back gets its full time again."""
    until = tables.idempotency.c.expires_at
    connection.execute(delete(tables.idempotency).where(until <= now))
    longest = now + ANSWER_KEPT_SECONDS
    connection.execute(update(tables.idempotency).where(until > longest).values(expires_at=longest))
