"""Copies of a domain's SQLite file: made while others write, checked, and put in the place of the file.

What the other services have seen since the copy was made is mended by the messages: see ``outgoing.leave_epoch``.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from chassis import tables
from chassis.database import Database


class BadCopy(Exception):
    """A file is no whole copy of this domain's database."""


class InUse(Exception):
    """Processes have the database open."""


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others write to it.

    All pages are copied in one step of SQLite's backup API: a WAL lets the writers go on meanwhile, whereas
    a copy in several steps starts over whenever one has written. The copy is a single file, without a WAL.

    Args:
        source: the database.
        target: the copy; an empty or missing file.

    Raises:
        BadCopy: there is no such database, or it is damaged.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
            closing(sqlite3.connect(target)) as made,
        ):
            original.backup(made)
            made.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise BadCopy(f"{source}: {error}") from error


def check(path: Path, db: Database) -> None:
    """Look whether a file is whole and of this domain.

    Raises:
        BadCopy: it is not; the text says why.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copied:
            damage = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
            rows = copied.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            names = {name for (name,) in rows}
    except sqlite3.DatabaseError as error:
        raise BadCopy(f"it is no database: {error}") from error
    if damage != "ok":
        raise BadCopy(f"it is damaged: {damage}")
    if names - set(tables.metadata.tables) != set(db.metadata.tables) or tables.inbox.name not in names:
        raise BadCopy(f"it is no copy of {db.settings.domain}: its tables are {', '.join(sorted(names)) or 'none'}")


def replace(path: Path, copied: Path) -> None:
    """Put a copy in the place of a database that nobody has open: afterwards it is the one or the other, whole.

    Args:
        path: the database; it may be damaged or missing.
        copied: the copy, in the same folder.

    Raises:
        InUse: a process has it open.
    """
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as current:
        try:
            # Leaving the WAL takes a lock that excludes every other connection, and removes its files.
            current.execute("PRAGMA journal_mode = DELETE")
            current.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise InUse from error
            if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            for ending in ("-wal", "-shm"):  # of a damaged one: SQLite would add them to the copy
                Path(f"{path}{ending}").unlink(missing_ok=True)
        copied.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have the disk keep a file or folder as it now is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
