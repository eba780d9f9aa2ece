"""The command side's database: a session, its tables, and a visible transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData, event, select
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import DeclarativeBase, registry

from chassis import cli, engine, health, orm, outbox, sqlite, tables
from chassis.config import Settings
from chassis.connection import Cursor
from chassis.database_errors import is_infrastructure, unavailable
from chassis.nudge import nudge
from chassis.work import Work, is_at_hand, work
from chassis.writer import Writer

log = logging.getLogger("database")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with an engine that is right for concurrent writers, and tables that make themselves.

    Args:
        app: an app made by ``create_app``.
    """

    def __init__(self, app: Flask) -> None:
        # A registry of its own for each domain, so that two domains may be loaded in one test.
        models = registry(metadata=MetaData(), type_annotation_map={int: tables.WHOLE})
        base = cast(type[DeclarativeBase], type("Base", (DeclarativeBase,), {"registry": models}))
        session = {"class_": orm.WorkSession, "expire_on_commit": False, "join_transaction_mode": "create_savepoint"}
        self.settings: Settings = app.extensions["settings"]
        super().__init__(model_class=base, session_options=session, engine_options=engine.options(self.settings))
        if sqlite.path_of(self.settings.database_url):
            self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._app = app
        self.receivers: list[str] = []  # each ``Outbox`` adds its own
        app.config["SQLALCHEMY_DATABASE_URI"] = self.settings.database_url
        self.init_app(app)
        app.extensions["database"] = self
        with app.app_context():
            self.dialect = cast(DefaultDialect, self.engine.dialect)
            engine.configure(self.engine, self.settings)
            event.listen(self.engine, "engine_connect", self._make_tables_once)
            connect = partial(orm.ModelConnection, self.engine)
        self.writer = Writer(connect, self.settings.database_busy_seconds, self._nudge)
        health.check_with(app, self._answers)
        cli.init_app(app)

    def make(self) -> None:
        """Make the database and its tables, where they are not there; what hinders is told by ``/readyz``.

        No connection is left open: SQLite's must not be carried across a fork.
        """
        try:
            self._answers()
        except Exception as error:  # noqa: BLE001 - `/readyz` tells whatever it is
            log.error("the database can't be made: %s", error)
        with self._app.app_context():
            self.engine.dispose()

    def _nudge(self, receivers: Iterable[str]) -> None:
        for receiver in receivers:
            nudge(self.settings.nudge_path(receiver))

    def _answers(self) -> None:
        """Ask the database, without the write lock: an answer does not wait until those who write have ended."""
        with self._app.app_context(), self.engine.execution_options(reading=True).connect() as connection:
            connection.execute(select(tables.epoch.c.epoch))

    def _make_tables_once(self, connection: Connection) -> None:
        """Make what is missing when a connection is first used; a database that was deleted comes back by this."""
        if connection.info.get("tables"):
            return
        reading = connection.get_execution_options().get("reading", False)
        connection.execution_options(reading=False)  # two that make the same tables take turns
        with connection.begin():
            tables.metadata.create_all(connection)
            self.metadata.create_all(connection)
            outbox.make_streams(engine.plain_of(connection), self.receivers)
        connection.execution_options(reading=reading)
        connection.info["tables"] = True


def database() -> Database:
    """The database of the app at hand."""
    return cast(Database, current_app.extensions["database"])


def execute(sql: str, **parameters: Any) -> Cursor:
    """Run a plain statement in the transaction at hand; through the ORM it takes several times as long.

    Args:
        sql: a statement with named parameters, ``:name``.
        parameters: their values.

    Returns:
        the driver's cursor: ``fetchone()`` gives the next row, with its columns as attributes.
    """
    return work().connection.execute(sql, parameters)


def create(model: type[DeclarativeBase], **values: Any) -> Any:
    """Insert a row in the transaction at hand; the ORM's unit of work holds the lock several times as long.

    Args:
        model: of which table.
        values: its members; the others have their defaults.

    Returns:
        the row as it now is, with its id.
    """
    sql, defaults = orm.insert_into(model, tuple(values), work().db.dialect)
    row = {**{name: default() for name, default in defaults.items()}, **values}
    return work().connection.execute(sql, row).fetchone()


def own_epoch() -> str:
    """The epoch of this database: another one after it was lost or restored from an older copy."""
    return str(execute("SELECT epoch FROM outbox_epoch").fetchone().epoch)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what is written inside, and the messages that are enqueued inside, together or not at all.

    Pattern: transactional outbox, https://microservices.io/patterns/data/transactional-outbox.html

    Raises:
        Unavailable: the database is locked by another, full or away; nothing was written.
    """
    db = database()
    if is_at_hand():
        raise RuntimeError("a transaction is open already: leave its `with transaction()` first")
    orm.start_afresh(db.session)
    try:
        with db.writer.transaction() as group, Work(db, group.connection) as mine:
            with orm.flushed(db.session):
                yield
            group.messages += mine.messages
    except Exception as error:
        if not is_infrastructure(error):
            raise
        log.error("%s", error)
        raise unavailable(error) from error
