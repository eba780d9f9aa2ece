"""Two small services for the tests of the message machinery: ``near`` tells ``tests`` of each note it takes.

The receiver's name is that of this package, since a handler's name begins with its domain's.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
from flask import Flask
from sqlalchemy import Column, Engine, Executable, Integer, Row, Table, select

from chassis import sqlite, tables
from chassis.app import create_app
from chassis.batch import Batch
from chassis.database import Database, execute, transaction
from chassis.handlers import Message, forgets, handler
from chassis.inbox import Inbox
from chassis.outbox import Outbox
from chassis.position import Answer

SENDER, RECEIVER = "near", "tests"
KEEP, DAWDLE = "tests.unit.services.keep", "tests.unit.services.dawdle"

# Notes whose handler fails, as that of a message with a fault in it does; a test fills and empties it.
poisonous: set[int] = set()


class Poison(Exception):
    """What a handler raises that cannot apply its message."""


@handler
def keep(note: int) -> None:
    """Write down a note that the sender tells of."""
    execute("INSERT INTO notes (note) VALUES (:note)", note=note)
    if note in poisonous:
        raise Poison(f"note {note} is poisonous")


@handler
def dawdle(note: int, seconds: float) -> None:
    """Write down a note, and take long for it."""
    execute("INSERT INTO notes (note) VALUES (:note)", note=note)
    time.sleep(seconds)


@forgets(SENDER)
def forget() -> None:
    """Drop all notes, since the sender's database is a new one."""
    execute("DELETE FROM notes")


class Domain:
    """What a test sees of a domain: its database, its outbox and its inbox.

    Args:
        app: of its command side.
        db: its database.
    """

    def __init__(self, app: Flask, db: Database) -> None:
        self.app, self.db, self.settings = app, db, db.settings
        self.path = Path(sqlite.path_of(db.settings.database_url) or "")

    @property
    def engine(self) -> Engine:
        """Its engine, for what runs outside a request, as the relay does."""
        with self.app.app_context():
            return self.db.engine

    def receive(self, batch: Batch) -> Answer:
        """Take a batch, as the worker does."""
        with self.app.app_context():
            return Inbox(self.settings.domain).receive(batch)

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """What a query finds."""
        with self.engine.execution_options(reading=True).connect() as connection:
            return connection.execute(statement).all()

    def epoch(self) -> str:
        """The epoch of its outbox."""
        return str(self.rows(select(tables.epoch.c.epoch))[0].epoch)

    def sent(self, to: str = RECEIVER) -> list[Message]:
        """What its outbox holds for a receiver, in order."""
        found = self.rows(select(tables.outbox).filter_by(receiver=to).order_by(tables.outbox.c.seq))
        return [Message(self.settings.domain, self.epoch(), *row[1:]) for row in found]

    def batch(self, first: int = 1, last: int | None = None, to: str = RECEIVER) -> Batch:
        """Some of its messages as the relay would send them."""
        messages = self.sent(to)
        after = messages[first - 2].message_id if first > 1 else ""
        return Batch(self.settings.domain, self.epoch(), first, after, messages[first - 1 : last])

    def lose_database(self) -> None:
        """Delete its file; on PostgreSQL, its tables and connections."""
        if self.engine.dialect.name != "sqlite":
            for metadata in (self.db.metadata, tables.metadata):
                metadata.drop_all(self.engine)
            self.close()
            return
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close its connections, as its end would."""
        self.db.writer.close()
        self.engine.dispose()


class Service(Domain):
    """A small domain with a table of notes.

    Args:
        name: of the domain.
        folder: where its database is.
        receivers: whom it sends to.
        settings: environment variables.
    """

    def __init__(self, name: str, folder: Path, *receivers: str, **settings: str) -> None:
        # The environment is the whole process's: in two threads at once, one would take the other's or find none.
        assert threading.current_thread() is threading.main_thread(), "a service is made in the main thread"
        given = {"DATA_DIR": str(folder), "DATABASE_SYNCHRONOUS": "OFF", "LOG_LEVEL": "CRITICAL", **settings}
        with mock.patch.dict(os.environ, given):
            app = create_app(name, name)
            super().__init__(app, Database(app))
        Table("notes", self.db.metadata, Column("id", Integer, primary_key=True), Column("note", Integer))
        self.outboxes = {receiver: Outbox(self.db, receiver) for receiver in receivers}

    def tell(self, *notes: int) -> None:
        """Write notes down and tell the receivers of them, in one transaction."""
        with self.app.app_context(), transaction():
            for note in notes:
                execute("INSERT INTO notes (note) VALUES (:note)", note=note)
                for outbox in self.outboxes.values():
                    outbox.enqueue(KEEP, note)

    def notes(self) -> list[int]:
        """The notes in the order in which they were written."""
        notes = self.db.metadata.tables["notes"].c
        return [row.note for row in self.rows(select(notes.note).order_by(notes.id))]


def message(seq: int, *args: object, handler: str = KEEP) -> Message:
    """A message of ``near`` that no outbox holds."""
    return Message(SENDER, "e" * 32, seq, f"{seq:032x}", handler, orjson.dumps([args, {}]).decode(), "-", 0.0)
