"""Every error becomes an answer here: ``application/problem+json``, RFC 9457."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import Conflict, HTTPException, NotFound

from chassis.database_errors import Unavailable, is_taken

log = logging.getLogger("errors")

# What a client should wait before it asks a service again that is starting or busy.
RETRY_AFTER_SECONDS = 2


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Response:
    """An error answer.

    Args:
        status: the HTTP status.
        detail: what happened and what to do, for a person.
        headers: further headers, such as ``Retry-After``.
        members: further members of the problem, such as ``errors``.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "error": detail,
        **members,
    }
    return Response(orjson.dumps(body), status, headers, content_type="application/problem+json")


def invalid_members(errors: dict[str, list[str]]) -> Response:
    """The answer to a body whose members break the rules.

    Args:
        errors: for each member, what is wrong with it.
    """
    return problem(400, "; ".join(f"{name}: {' '.join(texts)}" for name, texts in errors.items()), errors=errors)


def no_such(what: str, id: int) -> NotFound:
    """The 404 of an unknown id."""
    return NotFound(f"there is no {what} {id}")


@contextmanager
def conflict(detail: str) -> Iterator[None]:
    """Answer 409 with this detail when what is written inside breaks a unique constraint."""
    try:
        yield
    except Exception as error:
        if not is_taken(error):
            raise
        raise Conflict(detail) from error


def init_app(app: Flask) -> None:
    """Answer the errors of an app as problems."""

    @app.errorhandler(Unavailable)
    def unavailable(error: Unavailable) -> Response:
        log.error("%s", error.detail)
        return problem(error.status, error.detail, {"Retry-After": str(RETRY_AFTER_SECONDS)})

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        status = error.code or 500
        detail = error.description or HTTPStatus(status).phrase
        if request.routing_exception is error and status == 404:
            detail = f"there is nothing at {request.path}; the README lists the routes"
        return problem(status, detail, kept)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("unexpected error")
        return problem(500, "an unexpected error; the service's log tells more under this request's X-Request-ID")
