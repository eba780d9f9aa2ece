"""When each batch was sent and acknowledged: for who watches the messages travel, and for nothing else.

The relay notes it in memory and writes it down with what it writes anyway, so that it costs next to nothing.
No decision rests on it: what is lost in a crash is not told, and that is all.
"""

from __future__ import annotations

import time
from typing import Any

from chassis.batch import Batch
from chassis.connection import Connection

# How many messages of each stream are remembered; the console shows a few dozen.
KEPT_MESSAGES = 2000

# A batch that is answered sooner is written down once, when it is; a slower one also while it is under way.
SLOW_SECONDS = 0.5

# What is sent again takes the place of what was sent before.
FORGET = """
    DELETE FROM outbox_delivery
    WHERE receiver = :receiver AND (first >= :first OR last >= :first OR last < :first - :kept)
"""
WRITE = """
    INSERT INTO outbox_delivery (receiver, first, last, sent_at, acknowledged_at)
    VALUES (:receiver, :first, :last, :sent_at, :acknowledged_at)
"""


class Deliveries:
    """What the relay of one stream remembers of its batches until it writes that down.

    Args:
        receiver: where the stream goes.
    """

    def __init__(self, receiver: str) -> None:
        self.receiver = receiver
        self.noted: list[dict[str, Any]] = []  # rows that are not written yet
        self._sent: tuple[Batch, float] | None = None  # what is under way, and since when in seconds since 1970
        self._since = float("inf")  # by the monotonic clock; infinite where there is nothing to look at

    def sent(self, batch: Batch) -> None:
        """Note that a batch goes out now."""
        self._sent = batch, time.time()
        self._since = time.monotonic()

    def is_slow(self) -> bool:
        """Whether the batch under way has become one that should be seen meanwhile; true once for each batch."""
        if self._sent is None or time.monotonic() - self._since < SLOW_SECONDS:
            return False
        self._since = float("inf")
        batch, sent_at = self._sent
        self._note(batch, sent_at, batch.last, None)
        return True

    def answered(self, applied: int) -> None:
        """Note that the receiver of the batch under way has applied the messages up to this number."""
        if self._sent is not None:
            batch, sent_at = self._sent
            self._note(batch, sent_at, max(batch.first - 1, min(applied, batch.last)), time.time())
            self._sent = None

    def write(self, connection: Connection) -> None:
        """Write down what is new and forget what is old, with the transaction at hand."""
        for row in self.noted:
            connection.execute(FORGET, {"receiver": self.receiver, "first": row["first"], "kept": KEPT_MESSAGES})
            connection.execute(WRITE, row)
        self.noted.clear()

    def _note(self, batch: Batch, sent_at: float, last: int, acknowledged_at: float | None) -> None:
        row = {"receiver": self.receiver, "first": batch.first, "last": last, "sent_at": sent_at}
        self.noted.append({**row, "acknowledged_at": acknowledged_at})
