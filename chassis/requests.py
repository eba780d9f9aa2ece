"""The id of each request: taken from the client or made, given back, and logged."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from chassis.tracing import configure_logging, request_id

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
HEADER = "X-Request-ID"


def init_app(app: Flask, log_level: str) -> None:
    """Take or make the id of each request, give it back in the answer, and log one line for each."""
    configure_logging(app.name, log_level)
    log = logging.getLogger("http")

    @app.before_request
    def take() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        g.started = time.perf_counter()
        request_id.set(g.request_id)

    @app.after_request
    def give(response: Response) -> Response:
        response.headers[HEADER] = g.request_id
        if request.path not in ("/healthz", "/readyz"):
            took = (time.perf_counter() - g.started) * 1000
            log.info("%s %s %s %.1f ms", request.method, request.path, response.status_code, took)
        return response
