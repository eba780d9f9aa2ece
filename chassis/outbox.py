"""The outbox: a message is a row, committed with the row that it tells of.

Pattern: transactional outbox, https://microservices.io/patterns/data/transactional-outbox.html
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from chassis.connection import Connection
from chassis.tracing import request_id
from chassis.work import work

if TYPE_CHECKING:
    from chassis.database import Database

# As many characters as the table has room for: it is written with the messages of others, who must not fail for it.
LONGEST_NAME = 200

Handler: TypeAlias = Callable[..., None]

# The update takes the lock of the stream's row (on PostgreSQL too), so that numbers are given in the order of the
# commits.
COUNT_ON = "UPDATE outbox_stream SET last = last + :count WHERE receiver = :receiver RETURNING last"
MAKE_STREAM = """
    INSERT INTO outbox_stream (receiver, last, acknowledged) VALUES (:receiver, 0, 0) ON CONFLICT (receiver) DO NOTHING
"""
WRITE = """
    INSERT INTO outbox (receiver, seq, message_id, handler, payload, request_id, created_at)
    VALUES (:receiver, :seq, :message_id, :handler, :payload, :request_id, :created_at)
"""


class Outbox:
    """What a service sends to one receiver, in order; it reads as an RQ queue does.

    Args:
        db: the sender's database, whose transactions the messages are part of.
        receiver: the service that handles the messages; the RQ queue of its worker has the same name.
    """

    def __init__(self, db: Database, receiver: str) -> None:
        self._db = db
        self.receiver = receiver
        db.receivers.append(receiver)

    def enqueue(self, handler: Handler | str, *args: Any, **kwargs: Any) -> None:
        """Send a message with the transaction at hand: both are committed, or neither.

        Args:
            handler: the receiver's function, or its name where it is another service's
                (``"orders.sender.send_user"``), as RQ has it for functions of another code base.
            args: its arguments, as JSON can hold them.
            kwargs: its named arguments.

        Raises:
            RuntimeError: there is no transaction that the message could be committed with.
            TypeError: an argument is not JSON.
            ValueError: the handler's name is too long.
        """
        at_hand = work()
        if at_hand.db is not self._db:
            raise RuntimeError(
                f"the transaction at hand is another domain's, this queue is of {self._db.settings.domain}"
            )
        name = handler if isinstance(handler, str) else f"{handler.__module__}.{handler.__name__}"
        if len(name) > LONGEST_NAME:
            raise ValueError(f"the handler's name {name!r} is longer than {LONGEST_NAME} characters")
        at_hand.messages.append(
            {
                "receiver": self.receiver,
                "message_id": secrets.token_hex(16),
                "handler": name,
                "payload": orjson.dumps([args, kwargs]).decode(),
                "request_id": request_id.get(),
                "created_at": time.time(),
            }
        )


def write(connection: Connection, messages: list[dict[str, Any]]) -> None:
    """Number messages without gaps for each receiver, in the order in which they were enqueued, and write them."""
    if not messages:
        return
    for receiver, count in Counter(message["receiver"] for message in messages).items():
        numbered = connection.execute(COUNT_ON, {"receiver": receiver, "count": count}).fetchone()
        numbers = itertools.count(numbered.last - count + 1)
        for message in messages:
            if message["receiver"] == receiver:
                message["seq"] = next(numbers)
    connection.execute_many(WRITE, messages)


def make_streams(connection: Connection, receivers: Iterable[str]) -> None:
    """Give a new database its epoch, and each receiver a stream: the relay says hello before the first message."""
    if connection.execute("SELECT epoch FROM outbox_epoch", {}).fetchone() is None:
        connection.execute("INSERT INTO outbox_epoch (epoch) VALUES (:epoch)", {"epoch": secrets.token_hex(16)})
    for receiver in sorted(receivers):
        connection.execute(MAKE_STREAM, {"receiver": receiver})
