"""Health: ``/healthz`` says that the process serves, ``/readyz`` that it can do its work."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import orjson
from flask import Flask, Response

from chassis.config import Settings

log = logging.getLogger("health")

Check = Callable[[], object]

# Redis is on the same machine or network; one that takes longer is as good as down.
REDIS_TIMEOUT_SECONDS = 1
REDIS_PORT = 6379


def check_with(app: Flask, check: Check) -> None:
    """Let ``/readyz`` ask this: a function that raises when the database does not answer."""
    app.extensions["database_check"] = check


def init_app(app: Flask) -> None:
    """Add both routes to an app; the gateway does not pass them on."""
    settings: Settings = app.extensions["settings"]

    @app.get("/healthz")
    def healthz() -> Response:
        return _json(200, {"status": "up"})

    @app.get("/readyz")
    def readyz() -> Response:
        """A command needs the database alone: messages wait in the outbox while Redis is away."""
        state = {"database": "up", "redis": "up" if _redis_answers(settings.redis_url) else "down"}
        try:
            app.extensions["database_check"]()
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is: not ready
            log.warning("not ready: %s", error)
            return _json(503, {**state, "database": "down"})
        return _json(200, state)


def _redis_answers(url: str) -> bool:
    """Whether Redis says anything to a PING.

    The client library would take 15 MB in each process of each app, for this one question.
    """
    try:
        with _connect(url) as connection:
            connection.sendall(b"PING\r\n")
            return bool(connection.recv(1))
    except (OSError, ValueError, KeyError):
        return False


def _connect(url: str) -> socket.socket:
    """A connection to where a ``redis://host:port`` or ``unix://path`` URL points."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return socket.create_connection((parts.hostname, parts.port or REDIS_PORT), REDIS_TIMEOUT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(REDIS_TIMEOUT_SECONDS)
    try:
        connection.connect(parts.path or parse_qs(parts.query)["path"][0])
    except (OSError, KeyError):
        connection.close()
        raise
    return connection


def _json(status: int, body: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
