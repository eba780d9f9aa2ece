"""PostgreSQL, right: everything that is PostgreSQL's alone stands in this file.

Its driver is psycopg 3, which is installed where it is used: ``postgresql/requirements.txt``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the query side reads without SQLAlchemy, and a suite on SQLite has no psycopg
    import psycopg
    from sqlalchemy import Engine

    from chassis.config import Settings

# Who writes to a domain's database holds this lock of it. The number means nothing; it is everybody's.
WRITE_LOCK = 1

# How long the server may take to hear that a statement is to end.
CANCEL_SECONDS = 5

# Codes of errors: https://www.postgresql.org/docs/current/errcodes-appendix.html
DISK_FULL = "53100"
READ_ONLY = "25006"  # a standby, after the primary has changed places
TOO_COMPLEX = "54"  # a class: the statement is beyond the server's limits


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error of the driver says that there is no room left to write."""
    return getattr(error, "sqlstate", None) == DISK_FULL


def is_read_only(error: BaseException | None) -> bool:
    """Whether an error of the driver says that this server takes no writes now."""
    return getattr(error, "sqlstate", None) == READ_ONLY


def is_statement_error(error: BaseException | None) -> bool:
    """Whether an error that the driver calls operational blames the statement all the same."""
    return (getattr(error, "sqlstate", None) or "").startswith(TOO_COMPLEX)


@lru_cache
def pyformat(sql: str) -> str:
    """A statement with ``:name`` parameters as psycopg wants it: ``%(name)s``; ``::`` is a cast and stays."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql.replace("%", "%%"))


def configure(engine: Engine, settings: Settings) -> None:
    """Let those who write to a database take turns, as SQLite's BEGIN IMMEDIATE has it.

    Every writing transaction begins with one lock, which its end gives back after the commit can be seen. So
    each reads what all before it have written: nothing is promised or numbered twice, the order of the commits
    is that of the messages' numbers, and there is no deadlock. It costs one round trip, and that commits
    don't overlap; those that send a message would wait for each other at the stream's row anyway.

    Args:
        engine: an engine of a ``postgresql+psycopg://`` URL.
        settings: how long to wait for one's turn, and for the server.
    """
    from psycopg.pq import TransactionStatus
    from sqlalchemy import event

    @event.listens_for(engine, "do_connect")
    def give_up_in_time(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        parameters.setdefault("connect_timeout", _connect_timeout(settings))

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection, record: Any) -> None:
        # READ COMMITTED: a stricter transaction would see the database as it was before it had its turn.
        connection.execute("SET default_transaction_isolation = 'read committed'")
        connection.execute(f"SET lock_timeout = {max(1, int(settings.database_busy_seconds * 1000))}".encode())
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("reading"):  # one moment for all its queries, as with SQLite
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")

    @event.listens_for(engine, "handle_error")
    def interrupted(context: Any) -> None:
        """End a statement that a time limit broke off: on the server it would go on, and hold the lock."""
        driver = context.connection and context.connection.connection.dbapi_connection
        if driver and driver.info.transaction_status == TransactionStatus.ACTIVE:
            driver.cancel_safe(timeout=CANCEL_SECONDS)
            context.is_disconnect = True  # what it still had to answer must not reach who uses it next
            context.invalidate_pool_on_disconnect = False


def relax(engine: Engine) -> None:
    """Let this process commit without waiting for the disk: what it writes may be lost in a power cut."""
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def no_wait(connection: psycopg.Connection, record: Any) -> None:
        connection.execute("SET synchronous_commit = off")
        connection.commit()


def connect_read_only(settings: Settings) -> psycopg.Connection:
    """Open a database for the query side; each statement is a transaction of its own.

    Raises:
        psycopg.OperationalError: the server is away, or has no such database.
    """
    import psycopg

    url = settings.database_url.replace("postgresql+psycopg:", "postgresql:", 1)
    connection = psycopg.connect(url, autocommit=True, connect_timeout=_connect_timeout(settings))
    connection.execute("SET default_transaction_read_only = on")
    return connection


def _connect_timeout(settings: Settings) -> int:
    """In whole seconds, as libpq has it; below 2 it would take 2."""
    return max(2, int(settings.database_busy_seconds))
