"""The command side's database: a session, its tables, and a visible transaction."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, CursorResult, MetaData, event, select
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from chassis import cli, health, outbox, sqlite, tables
from chassis.config import Settings
from chassis.errors import Unavailable
from chassis.nudge import nudge

log = logging.getLogger("database")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with an engine that is right for concurrent writers, and tables that make themselves.

    Args:
        app: an app made by ``create_app``.
    """

    def __init__(self, app: Flask) -> None:
        # A registry of its own for each domain, so that two domains may be loaded in one test.
        base = cast(type[DeclarativeBase], type("Base", (DeclarativeBase,), {"metadata": MetaData()}))
        super().__init__(model_class=base, session_options={"expire_on_commit": False})
        self.settings: Settings = app.extensions["settings"]
        self._app = app
        self.receivers: list[str] = []  # each ``Outbox`` adds its own
        self.turn = threading.Lock()  # one writer at a time in this process; the database sees to the others
        app.config["SQLALCHEMY_DATABASE_URI"] = self.settings.database_url
        self.init_app(app)
        app.extensions["database"] = self
        with app.app_context():
            if self.engine.dialect.name == "sqlite":
                self.settings.data_dir.mkdir(parents=True, exist_ok=True)
                sqlite.configure(self.engine, self.settings)
            event.listen(self.engine, "engine_connect", self._make_tables_once)
        health.check_with(app, self._answers)
        cli.init_app(app)

    def make(self) -> None:
        """Make the database and its tables, where they are not there; what hinders is told by ``/readyz``."""
        try:
            self._answers()
        except SQLAlchemyError as error:
            log.error("the database can't be made: %s", error)

    def _answers(self) -> None:
        with self._app.app_context(), self.engine.connect() as connection:
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
            outbox.make_streams(connection, self.receivers)
        connection.execution_options(reading=reading)
        connection.info["tables"] = True


def database() -> Database:
    """The database of the app at hand."""
    return cast(Database, current_app.extensions["database"])


def session() -> Session:
    """The session of the request or batch at hand."""
    return database().session()


def execute(sql: str, **parameters: Any) -> CursorResult[Any]:
    """Run a plain statement in the transaction at hand; handlers do, since the ORM takes ten times as long.

    Args:
        sql: a statement with named parameters, ``:name``.
        parameters: their values.
    """
    connection = session().connection()
    return connection.exec_driver_sql(_for_driver(sql, connection.dialect.paramstyle), parameters)


def own_epoch() -> str:
    """The epoch of this database: another one after it was lost or restored from an older copy."""
    return str(execute("SELECT epoch FROM outbox_epoch").scalar_one())


@lru_cache
def _for_driver(sql: str, paramstyle: str) -> str:
    """The statement with its parameters as the driver wants them."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql) if paramstyle == "pyformat" else sql


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what is written inside, and the messages that are enqueued inside, together or not at all.

    Pattern: transactional outbox, https://microservices.io/patterns/data/transactional-outbox.html

    Raises:
        Unavailable: the database is locked by another, full or away; nothing was written.
    """
    db, work = database(), session()
    if "messages" in work.info:
        raise RuntimeError("a transaction is open already: leave its `with transaction()` first")
    if not db.turn.acquire(timeout=db.settings.database_busy_seconds):
        raise Unavailable("the database is busy: nothing was written; try again")
    work.info["messages"] = messages = list[dict[str, Any]]()
    try:
        yield
        outbox.write(work, messages)
        work.commit()
    except DBAPIError as error:
        work.rollback()
        raise (unavailable(error) if is_infrastructure(error) else error) from error
    except BaseException:
        work.rollback()
        raise
    finally:
        del work.info["messages"]
        db.turn.release()
    if messages:
        nudge(db.settings.nudge_path)


def is_infrastructure(error: BaseException) -> bool:
    """Whether a driver's error speaks of the database's state and not of the statement."""
    if not isinstance(error, DBAPIError):
        return False
    if sqlite.is_statement_error(error.orig):
        return False
    return isinstance(error, OperationalError) or error.connection_invalidated or type(error) is DBAPIError


def unavailable(error: DBAPIError) -> Unavailable:
    """The answer to a client when the database is locked, full or away."""
    log.error("%s", error.orig)
    if sqlite.is_disk_full(error.orig):
        return Unavailable("the disk is full: nothing was written; make room and try again", 507)
    return Unavailable("the database is busy or away: nothing was written; try again")
