"""How far a receiver is in a sender's stream, and how it tells so: the cumulative acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from chassis.batch import Batch
from chassis.handlers import Message


class Answer(TypedDict, total=False):
    """What a receiver says of a sender's messages: it is the acknowledgement, and where to resume.

    ``applied``: every message up to this number has taken effect, or is a dead letter.
    ``message_id``: which message that number was, empty for none.
    ``left``: the epoch was left by an earlier batch; the sender has to start a new one.
    """

    applied: int
    message_id: str
    left: bool


@dataclass
class Position:
    """How far one sender's messages have been applied."""

    applied: int
    message_id: str

    def is_in(self, batch: Batch) -> bool:
        """Whether a batch holds the message applied last or goes on after it, and is of the same history.

        The name decides: a sender that was restored from an older copy gives a number to another message.
        """
        return batch.message_id(self.applied) == self.message_id

    def comes_before(self, message: Message) -> bool:
        """Whether a message is the next one."""
        return message.seq == self.applied + 1

    def advance_to(self, message: Message) -> None:
        """Count a message as applied."""
        self.applied, self.message_id = message.seq, message.message_id

    def as_answer(self) -> Answer:
        """What the sender is told."""
        return {"applied": self.applied, "message_id": self.message_id}
