"""Models within a transaction: rows of them by plain statements, and ``db.session`` for who prefers objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from typing import Any, cast

from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, Table, insert
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, scoped_session

from chassis.engine import plain_of
from chassis.work import is_at_hand, work


class ModelConnection:
    """The connection of a command: plain SQL on the driver, and the same transaction for ``db.session``.

    Args:
        engine: of the domain's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._alchemy = engine.connect()
        self._plain = plain = plain_of(self._alchemy)
        self.execute, self.execute_many, self.begin = plain.execute, plain.execute_many, plain.begin
        self.begin_reading, self.is_usable, self.has_begun = plain.begin_reading, plain.is_usable, plain.has_begun
        self.relax = plain.relax

    def for_models(self) -> Connection:
        """The transaction that the driver has begun, as SQLAlchemy sees it."""
        if not self._alchemy.in_transaction():
            self._alchemy.begin()
        return self._alchemy

    def commit(self) -> None:
        """End the transaction, for SQLAlchemy too where it took part."""
        if self._alchemy.in_transaction():
            self._alchemy.commit()
        else:
            self._plain.commit()

    def close(self) -> None:
        """Be done with it; it does not go back to the engine, whatever state it is in."""
        self._alchemy.invalidate()
        self._alchemy.close()


class WorkSession(Session):
    """The ORM's session, which writes with the transaction at hand, in a savepoint of its own."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Where to read and write."""
        return work().connection.for_models() if is_at_hand() else super().get_bind(*args, **kwargs)


def start_afresh(session: scoped_session[Any]) -> None:
    """Forget what the session read before: it may have changed, and reading holds the write lock until it ends.

    Raises:
        RuntimeError: something was added or changed outside the transaction, and would be lost.
    """
    if session.registry.has():
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("objects were added or changed outside `with transaction():`; do it inside")
        session.rollback()
        session.expire_all()


@contextmanager
def flushed(session: scoped_session[Any]) -> Iterator[None]:
    """Write what the session holds on leaving, or forget it when that fails; nothing, where it was not used."""
    try:
        yield
        if session.registry.has():
            session.commit()  # into the transaction at hand
    except BaseException:
        if session.registry.has():
            with suppress(SQLAlchemyError):  # what it wrote is undone with the transaction
                session.rollback()
        raise


@lru_cache
def insert_into(
    model: type[DeclarativeBase], names: tuple[str, ...], dialect: DefaultDialect
) -> tuple[str, dict[str, Callable[[], Any]]]:
    """The statement that inserts a row of a model, and what makes the values of the columns that are not named.

    SQLAlchemy writes it, but once: to have it written for each row takes longer than to run it.

    Args:
        model: of which table.
        names: the columns that are given.
        dialect: of the database.
    """
    table = cast(Table, model.__table__)
    written = insert(table).returning(*table.c).compile(dialect=type(dialect)(paramstyle="named"), column_keys=names)
    defaults = {column.name: column.default for column in table.c if column.name not in names}
    return str(written), {name: _value_of(default) for name, default in defaults.items() if default is not None}


def _value_of(default: Any) -> Callable[[], Any]:
    return partial(default.arg, None) if default.is_callable else lambda: default.arg
