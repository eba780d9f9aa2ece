"""The query side: plain SQL on a read-only connection, orjson, and no ORM.

CQRS, https://martinfowler.com/bliki/CQRS.html: the side that answers questions need not look like the side
that takes commands.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

import orjson
from flask import Flask, Response, current_app, request

from chassis import app as chassis_app
from chassis import health, sqlite
from chassis.config import Settings
from chassis.errors import Unavailable, no_such
from chassis.paging import Page

# Rows that are in memory at once while a whole list is streamed.
CHUNK_ROWS = 500


class Reader:
    """Read-only connections to a domain's database, one for each thread.

    Args:
        settings: where the database is.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = sqlite.path_of(settings.database_url) or ""
        self._busy_seconds = settings.database_busy_seconds
        self._local = threading.local()

    def execute(self, sql: str, parameters: dict[str, Any] | None = None) -> sqlite3.Cursor:
        """Run a query.

        Raises:
            Unavailable: the command side has not made the database yet, or it is busy.
        """
        try:
            return self._connection().execute(sql, parameters or {})
        except (sqlite3.OperationalError, FileNotFoundError) as error:
            raise Unavailable("the database is not there yet, or busy: try again in a moment") from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a new one when the file was deleted or restored."""
        now = sqlite.identity(self._path)
        if getattr(self._local, "identity", None) != now:
            self._local.connection = sqlite.connect_read_only(self._path, self._busy_seconds)
            self._local.identity = now
        connection: sqlite3.Connection = self._local.connection
        return connection


def create_api(app: Flask) -> chassis_app.Api:
    """Make the REST interface of an app that answers queries."""
    health.check_with(app, lambda: reader(app).execute("SELECT epoch FROM outbox_epoch"))
    return chassis_app.create_api(app)


def reader(app: Flask) -> Reader:
    """The reader of an app."""
    if "reader" not in app.extensions:
        app.extensions["reader"] = Reader(app.extensions["settings"])
    return cast(Reader, app.extensions["reader"])


def rows(sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a small query, as objects."""
    cursor = _execute(sql, parameters)
    names = _names(cursor)
    return [dict(zip(names, row, strict=True)) for row in cursor]


@dataclass(frozen=True)
class ReadModel:
    """What one kind of resource looks like to its readers.

    Args:
        what: its name in an error, such as ``"order"``.
        sql: ``SELECT … FROM …`` with a column for each member of the answer, the id first.
        key: the column of the id in that query.
    """

    what: str
    sql: str
    key: str = "id"

    def one(self, id: int) -> Response:
        """The resource with this id, with an ETag.

        Raises:
            NotFound: there is none.
        """
        cursor = _execute(f"{self.sql} WHERE {self.key} = :id", {"id": id})
        row = cursor.fetchone()
        if row is None:
            raise no_such(self.what, id)
        return tagged(dict(zip(_names(cursor), row, strict=True)))

    def listing(self) -> Response:
        """All of them, streamed; or the page that the request asks for, with an ETag and a link to the next."""
        page = Page.asked_for()
        cursor = _execute(f"{self.sql} {page.clause(self.key)}", page.parameters())
        if page.limit is None:
            return Response(_stream(cursor), content_type="application/json")
        found, names = cursor.fetchall(), _names(cursor)
        response = tagged([dict(zip(names, row, strict=True)) for row in found[: page.limit]])
        if len(found) > page.limit:
            response.headers["Link"] = f'<{page.next_url(found[page.limit - 1][0])}>; rel="next"'
        return response


def tagged(data: Any) -> Response:
    """An answer with its ETag; 304 where the client has it already."""
    body = orjson.dumps(data)
    response = Response(body, content_type="application/json")
    response.headers["ETag"] = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response


def _execute(sql: str, parameters: dict[str, Any]) -> sqlite3.Cursor:
    return reader(current_app).execute(sql, parameters)


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description]


def _stream(cursor: sqlite3.Cursor) -> Iterator[bytes]:
    """A JSON list, of which a few hundred rows are in memory at once."""
    names, start = _names(cursor), b"["
    while found := cursor.fetchmany(CHUNK_ROWS):
        yield start + orjson.dumps([dict(zip(names, row, strict=True)) for row in found])[1:-1]
        start = b","
    yield b"]" if start == b"," else b"[]"
