"""Dead letters: messages that could not be applied, kept until someone has looked at them.

``flask --app orders.base dead-letters list``, ``retry`` and ``drop``. Pattern: dead letter channel,
https://www.enterpriseintegrationpatterns.com/patterns/messaging/DeadLetterChannel.html
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import Row, select

from chassis import handlers, tables
from chassis.database import database, execute, transaction
from chassis.database_errors import Unavailable
from chassis.handlers import Message

log = logging.getLogger("dead-letters")

TAKE = """
    DELETE FROM dead_letter WHERE id = :id
    RETURNING sender, seq, message_id, handler, payload, request_id, created_at
"""
EPOCH = "SELECT epoch FROM inbox WHERE sender = :sender"

commands = AppGroup("dead-letters", help="The messages that this domain could not apply.")

_letter = tables.dead_letter.c
_which = click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
_all = click.option("--all", "every", is_flag=True, help="All of them, the oldest first.")


class NoSuchLetter(LookupError):
    """There is no dead letter with this id, or no longer."""


def letters() -> Sequence[Row[Any]]:
    """All dead letters of the app at hand, in the order of their streams."""
    with database().engine.execution_options(reading=True).connect() as connection:
        return connection.execute(select(tables.dead_letter).order_by(_letter.sender, _letter.seq)).all()


def retry(id: int) -> None:
    """Apply a dead letter: its effects and its end are one transaction, so it takes effect once.

    The handler sees the message with its own number, although later ones have been applied meanwhile: by
    that it knows what is newer than the message.

    Raises:
        NoSuchLetter: it is not there (any more).
        Exception: whatever the handler raises; the letter stays as it was.
    """
    with transaction():
        letter = _take(id)
        # A sender's letters go when it starts a new epoch: this one is of the epoch that its stream is in.
        epoch = execute(EPOCH, sender=letter.sender).fetchone().epoch
        handlers.handle(Message(epoch=epoch, **letter._asdict()), database().settings.domain)


def drop(id: int) -> None:
    """Give a dead letter up: it never takes effect.

    Raises:
        NoSuchLetter: it is not there (any more).
    """
    with transaction():
        _take(id)


def _take(id: int) -> Any:
    letter = execute(TAKE, id=id).fetchone()
    if letter is None:
        raise NoSuchLetter(f"there is no dead letter {id}")
    return letter


@commands.command("list")
def list_letters() -> None:
    """Show each dead letter: id, sender, number, handler, age, request id, error and payload."""
    now, found = time.time(), letters()
    if not found:
        click.echo("there is no dead letter")
    for letter in found:
        age = f"failed {max(0.0, now - letter.failed_at):.0f} s ago"
        click.echo(
            f"{letter.id}: {letter.sender} #{letter.seq} {_printable(letter.handler)}, {age}, "
            f"request {_printable(letter.request_id)}"
        )
        click.echo(f"    error:   {_printable(letter.error)}")
        click.echo(f"    payload: {_printable(letter.payload)}")


@commands.command("retry")
@_which
@_all
def retry_letters(ids: tuple[int, ...], every: bool) -> None:
    """Apply dead letters after their cause is mended; one that fails again stays."""
    handlers.load(database().settings.domain)
    failed = 0
    for id in _chosen(ids, every):
        try:
            retry(id)
        except NoSuchLetter as error:
            failed += 1
            click.echo(str(error), err=True)
        except Unavailable as error:
            raise click.ClickException(error.detail) from error
        except Exception as error:
            failed += 1
            log.debug("dead letter %d failed", id, exc_info=True)
            click.echo(f"{id}: still fails: {_printable(f'{type(error).__name__}: {error}')}", err=True)
        else:
            click.echo(f"{id}: applied")
    raise SystemExit(1 if failed else 0)


@commands.command("drop")
@_which
@_all
def drop_letters(ids: tuple[int, ...], every: bool) -> None:
    """Give dead letters up for ever; look at them with `list` first."""
    for id in _chosen(ids, every):
        try:
            drop(id)
        except NoSuchLetter as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{id}: dropped")


def _chosen(ids: tuple[int, ...], every: bool) -> Sequence[int]:
    if bool(ids) == every:
        raise click.UsageError("name the ids that `list` shows, or --all")
    return [letter.id for letter in letters()] if every else ids


def _printable(text: str) -> str:
    """A text of a message as one line that cannot steer a terminal."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
