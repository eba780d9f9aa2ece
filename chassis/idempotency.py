"""``Idempotency-Key``: a command that is repeated under the same key takes effect once.

The key is claimed before the command runs; the answer is kept in the command's own transaction. After the
IETF draft draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, Conflict, UnprocessableEntity

from chassis.app import as_json
from chassis.database import execute, transaction
from chassis.database_errors import Unavailable

HEADER = "Idempotency-Key"

ANSWER_KEPT_SECONDS = 24 * 60 * 60
# Longer than any command runs, with its longest wait; after that, its process has died and a repeat may run.
CLAIM_KEPT_SECONDS = 15

KEPT = "SELECT fingerprint, body, expires_at FROM idempotency WHERE key = :key"
CLAIM = """
    INSERT INTO idempotency (key, fingerprint, owner, expires_at) VALUES (:key, :fingerprint, :owner, :expires_at)
"""
KEEP = "UPDATE idempotency SET body = :body, expires_at = :expires_at WHERE owner = :owner"
RELEASE = "DELETE FROM idempotency WHERE owner = :owner AND body IS NULL"
FORGET = "DELETE FROM idempotency WHERE key = :key"
FORGET_EXPIRED = "DELETE FROM idempotency WHERE expires_at <= :now"
# What was kept before the clock was set back gets its full time again.
SHORTEN = "UPDATE idempotency SET expires_at = :longest WHERE expires_at > :longest"

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
                execute(RELEASE, owner=g.claim)
        return response


def answer(body: dict[str, Any]) -> Response:
    """The answer of the command at hand; if the command has a key, it is kept with the transaction at hand.

    Raises:
        StillRunning: another command took the key over; this one must not take effect.
    """
    response = as_json(body, 200)
    if claim := g.get("claim"):
        until = time.time() + ANSWER_KEPT_SECONDS
        if execute(KEEP, owner=claim, body=response.get_data(as_text=True), expires_at=until).rowcount != 1:
            raise StillRunning
    return response


def _claim(key: str) -> Response | None:
    fingerprint = hashlib.sha256(b"\0".join([request.path.encode(), request.get_data()])).hexdigest()
    with transaction():
        now = time.time()  # only now that it is our turn: what was kept while we waited must not look like the future
        execute(FORGET_EXPIRED, now=now)
        execute(SHORTEN, longest=now + ANSWER_KEPT_SECONDS)
        kept = execute(KEPT, key=key).fetchone()
        if kept is not None and kept.body is None and kept.expires_at > now + CLAIM_KEPT_SECONDS:
            # The clock was set back. Were the claim's command still running, it could not take effect any more.
            execute(FORGET, key=key)
            kept = None
        if kept is None:
            g.claim = secrets.token_hex(16)
            until = now + CLAIM_KEPT_SECONDS
            execute(CLAIM, key=key, fingerprint=fingerprint, owner=g.claim, expires_at=until)
            return None
    if kept.fingerprint != fingerprint:
        raise UnprocessableEntity(f"this {HEADER} was used for another command")
    if kept.body is None:
        raise StillRunning
    return Response(kept.body, content_type="application/json", headers={"Idempotency-Replayed": "true"})
