"""A batch: the messages of one stream that travel together in one RQ job."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.handlers import Message

_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_HEX = re.compile(r"[0-9a-f]{32}")

# The members of a message as they travel, its last: a list is half as long as an object.
_MEMBERS: tuple[tuple[str, type], ...] = (
    ("message_id", str),
    ("handler", str),
    ("payload", str),
    ("request_id", str),
    ("created_at", float),
)


class Malformed(ValueError):
    """What came from Redis is no batch."""


@dataclass(frozen=True)
class Batch:
    """Messages of one sender to one receiver, without gaps.

    Args:
        sender: the service that wrote them.
        epoch: the epoch of its outbox.
        first: the number of the first message; of the next one, where there is none (a hello).
        after: the name of the message before the first; empty where the first is number 1.
        messages: in order.
    """

    sender: str
    epoch: str
    first: int
    after: str
    messages: Sequence[Message]

    @property
    def last(self) -> int:
        """The number of the last message."""
        return self.first + len(self.messages) - 1

    def message_id(self, seq: int) -> str | None:
        """The name of the message with this number, as far as this batch tells it."""
        if seq == self.first - 1:
            return self.after
        return self.messages[seq - self.first].message_id if self.first <= seq <= self.last else None

    def __str__(self) -> str:
        if not self.messages:
            return f"{self.sender} hello"
        return f"{self.sender} #{self.first}" + (f"–#{self.last}" if len(self.messages) > 1 else "")

    def dump(self) -> dict[str, Any]:
        """The batch as JSON can hold it."""
        head = {"sender": self.sender, "epoch": self.epoch, "first": self.first, "after": self.after}
        return {**head, "messages": [list(message[-len(_MEMBERS) :]) for message in self.messages]}

    @classmethod
    def load(cls, data: Any) -> Batch:
        """Read a batch that came from Redis, where anyone may have written it.

        Raises:
            Malformed: something in it is not as ``dump`` writes it.
        """
        match data:
            case {
                "sender": str(sender),
                "epoch": str(epoch),
                "first": int(first),
                "after": str(after),
                "messages": list(rows),
            }:
                pass
            case _:
                raise Malformed("a batch has sender, epoch, first, after and messages")
        if not _NAME.fullmatch(sender) or not _HEX.fullmatch(epoch) or first is True or not 1 <= first < 2**62:
            raise Malformed("sender, epoch or first is not well-formed")
        for row in rows:
            if not isinstance(row, list) or len(row) != len(_MEMBERS):
                raise Malformed("a message is a list of its members")
            for value, (name, kind) in zip(row, _MEMBERS, strict=True):
                if not isinstance(value, kind):
                    raise Malformed(f"a message's {name} is {kind.__name__}")
            if not math.isfinite(row[-1]):  # Python's JSON knows NaN and Infinity
                raise Malformed("a message's created_at is a time")
        return cls(sender, epoch, first, after, [Message(sender, epoch, first + n, *row) for n, row in enumerate(rows)])
