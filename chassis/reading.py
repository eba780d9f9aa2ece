"""The query side: plain SQL on a read-only connection, JSON that the database writes, and no ORM.

CQRS, https://martinfowler.com/bliki/CQRS.html: the side that answers questions need not look like the side
that takes commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, cast

import orjson
from flask import Flask, Response, current_app, request

from chassis import app as chassis_app
from chassis import health, sqlite
from chassis.config import Settings
from chassis.connection import Cursor
from chassis.errors import no_such
from chassis.paging import Page
from chassis.postgresql_reader import PostgreSQLReader
from chassis.readers import Found, Reader
from chassis.sqlite_reader import SQLiteReader
from chassis.turns import let_others_on

# Rows that are in memory at once while a whole list is streamed.
CHUNK_ROWS = 500


def create_api(app: Flask) -> chassis_app.Api:
    """Make the REST interface of an app that answers queries."""
    health.check_with(app, lambda: reader(app).execute("SELECT epoch FROM outbox_epoch", {}))
    return chassis_app.create_api(app)


def reader(app: Flask) -> Reader:
    """The reader of an app."""
    extensions = app.extensions
    if "reader" not in extensions:
        extensions["reader"] = reader_of(extensions["settings"])
    return cast(Reader, extensions["reader"])


def reader_of(settings: Settings) -> Reader:
    """A reader for the database that the settings name."""
    path = sqlite.path_of(settings.database_url)
    return PostgreSQLReader(settings) if path is None else SQLiteReader(path, settings.database_busy_seconds)


def rows(sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a small query, as objects."""
    found = _execute(sql, parameters)
    names = [column[0] for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


@dataclass(frozen=True)
class ReadModel:
    """What one kind of resource looks like to its readers.

    Args:
        what: its name in an error, such as ``"order"``.
        sql: ``SELECT … FROM …`` with a column for each member of the answer; one of them is ``id``.
    """

    what: str
    sql: str

    def one(self, id: int) -> Response:
        """The resource with this id, with an ETag.

        Raises:
            NotFound: there is none.
        """
        rows = _execute(f"{self._select} WHERE id = :id", {"id": id}).rows
        if not rows:
            raise no_such(self.what, id)
        return _tagged(rows[0][1].encode())

    def listing(self) -> Response:
        """All of them, streamed; or the page that the request asks for, with an ETag and a link to the next."""
        page = Page.asked_for()
        sql = f"{self._select} {page.clause()}"
        if page.limit is None:
            lent = reader(current_app).stream(sql, page.parameters())
            response = Response(_stream(lent.cursor), content_type="application/json")
            response.call_on_close(lent.close)
            return response
        found = _execute(sql, page.parameters()).rows
        response = _tagged(b"[%b]" % _joined(found[: page.limit]))
        if len(found) > page.limit:
            response.headers["Link"] = f'<{page.next_url(found[page.limit - 1][0])}>; rel="next"'
        return response

    @cached_property
    def _select(self) -> str:
        """A query for each row's id and its JSON object: the database writes it faster than Python reads the row."""
        names = [column[0] for column in _execute(f"{self.sql} LIMIT 0", {}).columns]
        members = ", ".join(f"'{name}', \"{name}\"" for name in names)
        return f"SELECT id, CAST({reader(current_app).json_object}({members}) AS text) FROM ({self.sql}) AS found"  # noqa: S608 - constants


def tagged(data: Any) -> Response:
    """An answer with its ETag; 304 where the client has it already."""
    return _tagged(orjson.dumps(data))


def _tagged(body: bytes) -> Response:
    response = Response(body, content_type="application/json")
    response.headers.add("ETag", f'"{sha256(body).hexdigest()[:24]}"')
    if "HTTP_IF_NONE_MATCH" in request.environ:
        response.make_conditional(request)
    return response


def _execute(sql: str, parameters: dict[str, Any]) -> Found:
    return reader(current_app).execute(sql, parameters)


def _joined(rows: list[Any]) -> bytes:
    return ",".join([text for _, text in rows]).encode()


def _stream(cursor: Cursor) -> Iterator[bytes]:
    """A JSON list, of which a few hundred rows are in memory at once."""
    start = b"["
    while found := cursor.fetchmany(CHUNK_ROWS):
        yield start + _joined(found)
        start = b","
        let_others_on()
    yield b"]" if start == b"," else b"[]"
