"""SQLAlchemy's engine, whose connections are those of ``chassis.connection``."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from chassis import postgresql, sqlite
from chassis.config import Settings
from chassis.connection import Connection as PlainConnection
from chassis.connection import over


def options(settings: Settings) -> dict[str, Any]:
    """What an engine for the domain's database is made with."""
    if sqlite.path_of(settings.database_url):
        return {}
    # A connection that the server closed is found before it is used; a file closes none.
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": postgresql.connect_timeout(settings)}}


def configure(engine: Engine, settings: Settings) -> None:
    """Have the engine's connections write in turn, and leave those that lead nowhere any more.

    Args:
        engine: of the domain's database.
        settings: how long to wait for one's turn, and how durable a commit is.
    """

    @event.listens_for(engine, "connect")
    def prepare(driver: Any, record: Any) -> None:
        record.info["plain"] = over(driver, settings)

    event.listen(engine, "checkout", _leave)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _end_statement)


def _leave(driver: Any, record: Any, proxy: Any) -> None:
    if not record.info["plain"].is_usable():
        raise DisconnectionError("the database is another one now")


def _begin(connection: Connection) -> None:
    plain = plain_of(connection)
    if plain.has_begun():
        return
    if connection.get_execution_options().get("reading"):
        plain.begin_reading()
    else:
        plain.begin()


def _end_statement(context: Any) -> None:
    plain = context.connection and plain_of(context.connection)
    if isinstance(plain, postgresql.PostgreSQLConnection):
        plain.end_statement()
        context.is_disconnect |= not plain.is_usable()
        context.invalidate_pool_on_disconnect = False


def plain_of(connection: Connection) -> PlainConnection:
    """The connection of the driver that one of SQLAlchemy stands on."""
    return cast(PlainConnection, connection.info["plain"])
