"""Backup and restore of a domain's SQLite file: ``flask --app orders.base backup FILE`` and ``restore FILE``.

What the other services have seen since the copy was made is mended by the messages: see ``outgoing.leave_epoch``.
A PostgreSQL database is copied by its own tools.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from chassis import sqlite, tables
from chassis.database import Database, database


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
    _sync(path.parent)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@with_appcontext
def backup_command(file: str) -> None:
    """Copy the database into FILE (- for standard output) while the service runs."""
    path = _database_path()
    with _copy_in(path.parent if file == "-" else Path(file).absolute().parent) as made:
        try:
            copy(path, made)
            check(made, database())
        except BadCopy as error:
            raise click.ClickException(f"no backup: {error}") from error
        _sync(made)
        if file == "-":
            with made.open("rb") as content:
                shutil.copyfileobj(content, sys.stdout.buffer)
        else:
            made.replace(file)
            _sync(Path(file).absolute().parent)
            click.echo(f"{path} is copied to {file}, {os.path.getsize(file)} bytes")


@click.command("restore")
@click.argument("file", type=click.File("rb"))
@with_appcontext
def restore_command(file: BinaryIO) -> None:
    """Replace the database by the copy in FILE (- for standard input); stop the domain's processes first."""
    path, domain = _database_path(), database().settings.domain
    path.parent.mkdir(parents=True, exist_ok=True)
    with _copy_in(path.parent) as copied:
        with copied.open("wb") as target:
            shutil.copyfileobj(file, target)
        try:
            check(copied, database())
            _sync(copied)
            replace(path, copied)
        except BadCopy as error:
            raise click.ClickException(f"nothing was restored from this file: {error}") from error
        except InUse as error:
            raise click.ClickException(f"nothing was restored: stop {domain}'s apps, relay and worker first") from error
    click.echo(f"{path} is restored; start {domain} again")


@contextmanager
def _copy_in(folder: Path) -> Iterator[Path]:
    """A new file, which is gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=".copy-", suffix=".db", dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _database_path() -> Path:
    path = sqlite.path_of(database().settings.database_url)
    if path is None:
        raise click.ClickException("this database is not SQLite's: use its own tools, such as pg_dump and pg_restore")
    return Path(path)


def _sync(path: Path) -> None:
    """Have the disk keep a file or folder as it now is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
