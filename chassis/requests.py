"""The id of each request: taken from the client or made, given back, and logged.

It stands around the app (WSGI, PEP 3333) and not in its hooks, which cost every query more.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask

from chassis.tracing import configure_logging, request_id, tell

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("http")

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
HEADER = "X-Request-ID"

# Asked every few seconds by whoever watches the containers.
NOT_LOGGED = ("/healthz", "/readyz")


def init_app(app: Flask, log_level: str) -> None:
    """Take or make the id of each request, give it back in the answer, and log one line for each."""
    configure_logging(app.name, log_level)
    app.wsgi_app = _with_id(app.wsgi_app)  # type: ignore[method-assign, assignment]


def _with_id(inner: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        id = given if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
        request_id.set(id)

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
            headers.append((HEADER, id))
            if environ["PATH_INFO"] not in NOT_LOGGED:
                took = (time.perf_counter() - began) * 1000
                path = quote(environ["PATH_INFO"].encode("latin-1"))  # a line break in it would forge a line
                tell(log, (id, f"{environ['REQUEST_METHOD']} {path} {status[:3]} {took:.1f} ms"))
            return start_response(status, headers, error)

        return inner(environ, start)

    return answer
