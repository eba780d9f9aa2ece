"""What the relay reads of the outbox, and writes down of how far a receiver is."""

from __future__ import annotations

import secrets
from typing import Any

from chassis.config import Settings
from chassis.connection import Connection, Kept, connect

RECEIVERS = "SELECT receiver FROM outbox_stream"
STATE = "SELECT epoch, last, acknowledged FROM outbox_epoch CROSS JOIN outbox_stream WHERE receiver = :receiver"
MESSAGES = """
    SELECT seq, message_id, handler, payload, request_id, created_at FROM outbox
    WHERE receiver = :receiver AND seq BETWEEN :first AND :last ORDER BY seq LIMIT :most
"""
MESSAGE_ID = "SELECT message_id FROM outbox WHERE receiver = :receiver AND seq = :seq"
# Unless a new epoch has begun meanwhile.
ACKNOWLEDGE = """
    UPDATE outbox_stream SET acknowledged = :acknowledged
    WHERE receiver = :receiver AND :epoch = (SELECT epoch FROM outbox_epoch)
"""
# Where another stream has left the epoch already, nothing is done.
NEW_EPOCH = "UPDATE outbox_epoch SET epoch = :new WHERE epoch = :epoch"
RESEND_ALL = "UPDATE outbox_stream SET acknowledged = 0"


def keep_connection(settings: Settings) -> Kept[Connection]:
    """A connection to the domain's database for the relay.

    It does not wait for the disk: what it writes and loses in a power cut is sent again, and skipped.
    """

    def open() -> Connection:
        connection = connect(settings)
        connection.relax()
        return connection

    return Kept(open)


def receivers(connection: Connection) -> set[str]:
    """Whom the domain sends messages to."""
    return {row.receiver for row in connection.execute(RECEIVERS, {})}


def state(connection: Connection, receiver: str) -> Any:
    """The outbox's ``epoch``, the number of the stream's ``last`` message, and of the last ``acknowledged``."""
    return connection.execute(STATE, {"receiver": receiver}).fetchone()


def messages(connection: Connection, receiver: str, first: int, last: int, most: int) -> list[Any]:
    """The messages with these numbers, as far as they are there, and at most so many."""
    span = {"receiver": receiver, "first": first, "last": last, "most": most}
    return connection.execute(MESSAGES, span).fetchall()


def message_id(connection: Connection, receiver: str, seq: int) -> str | None:
    """The name of a message; None where there is none with this number."""
    found = connection.execute(MESSAGE_ID, {"receiver": receiver, "seq": seq}).fetchone()
    return found and str(found.message_id)


def acknowledge(connection: Connection, receiver: str, epoch: str, acknowledged: int) -> None:
    """Write down how far a receiver is in this epoch."""
    connection.execute(ACKNOWLEDGE, {"receiver": receiver, "epoch": epoch, "acknowledged": acknowledged})


def leave_epoch(connection: Connection, epoch: str) -> None:
    """Start over: every receiver drops what it has of this sender and gets every message again.

    This is for a sender that learns from a receiver that it was restored from an older copy.

    Args:
        connection: in a transaction.
        epoch: which one to leave.
    """
    if connection.execute(NEW_EPOCH, {"epoch": epoch, "new": secrets.token_hex(16)}).rowcount == 1:
        connection.execute(RESEND_ALL, {})
