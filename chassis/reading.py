"""The query side: plain SQL on a read-only connection, orjson, and no ORM.

CQRS, https://martinfowler.com/bliki/CQRS.html: the side that answers questions need not look like the side
that takes commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

import orjson
from flask import Flask, Response, current_app, request

from chassis import app as chassis_app
from chassis import health
from chassis.connection import Cursor
from chassis.errors import no_such
from chassis.paging import Page
from chassis.readers import Reader, reader_of

# Rows that are in memory at once while a whole list is streamed.
CHUNK_ROWS = 500


def create_api(app: Flask) -> chassis_app.Api:
    """Make the REST interface of an app that answers queries."""
    health.check_with(app, lambda: reader(app).execute("SELECT epoch FROM outbox_epoch", {}))
    return chassis_app.create_api(app)


def reader(app: Flask) -> Reader:
    """The reader of an app."""
    if "reader" not in app.extensions:
        app.extensions["reader"] = reader_of(app.extensions["settings"])
    return cast(Reader, app.extensions["reader"])


def rows(sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a small query, as objects."""
    cursor = _execute(sql, parameters)
    return _objects(cursor, cursor.fetchall())


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
        return tagged(_objects(cursor, [row])[0])

    def listing(self) -> Response:
        """All of them, streamed; or the page that the request asks for, with an ETag and a link to the next."""
        page = Page.asked_for()
        sql = f"{self.sql} {page.clause(self.key)}"
        if page.limit is None:
            source = reader(current_app)
            response = Response(_stream(source.stream(sql, page.parameters())), content_type="application/json")
            response.call_on_close(source.release)
            return response
        cursor = _execute(sql, page.parameters())
        found = cursor.fetchall()
        response = tagged(_objects(cursor, found[: page.limit]))
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


def _execute(sql: str, parameters: dict[str, Any]) -> Cursor:
    return reader(current_app).execute(sql, parameters)


def _objects(cursor: Cursor, rows: list[Any]) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    # A driver gives as many values as names; to check that takes as long as all the rest.
    return [dict(zip(names, row)) for row in rows]  # noqa: B905


def _stream(cursor: Cursor) -> Iterator[bytes]:
    """A JSON list, of which a few hundred rows are in memory at once."""
    start = b"["
    while found := cursor.fetchmany(CHUNK_ROWS):
        yield start + orjson.dumps(_objects(cursor, found))[1:-1]
        start = b","
    yield b"]" if start == b"," else b"[]"
