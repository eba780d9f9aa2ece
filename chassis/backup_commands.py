"""Backup and restore of a domain's SQLite file: ``flask --app orders.base backup FILE`` and ``restore FILE``.

A PostgreSQL database is copied by its own tools.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from chassis import sqlite
from chassis.backup import BadCopy, InUse, check, copy, replace, sync
from chassis.database import database


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
        sync(made)
        if file == "-":
            with made.open("rb") as content:
                shutil.copyfileobj(content, sys.stdout.buffer)
        else:
            made.replace(file)
            sync(Path(file).absolute().parent)
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
            sync(copied)
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
