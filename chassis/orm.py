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

from chassis.work import is_at_hand, work


class WorkSession(Session):
    """The ORM's session, which writes with the transaction at hand, in a savepoint of its own."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Where to read and write."""
        return work().connection if is_at_hand() else super().get_bind(*args, **kwargs)


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
