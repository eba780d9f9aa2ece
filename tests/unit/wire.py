"""What the tests of the relay's streams share: a wire in place of Redis, and what a database says of a stream."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from chassis import tables
from chassis.batch import Batch
from chassis.stream import Stream
from tests.unit.services import RECEIVER, Service


class Wire:
    """A transport that hands each batch to a function."""

    def __init__(self, deliver: Callable[[Batch], Any]) -> None:
        self.batches: list[Batch] = []
        self._deliver = deliver

    def deliver(self, batch: Batch, stopping: Callable[[], bool]) -> Any:
        """Note the batch and return the receiver's answer."""
        self.batches.append(batch)
        return self._deliver(batch)


def stream(near: Service, deliver: Callable[[Batch], Any]) -> Stream:
    """The relay of near's stream, newly started."""
    made = Stream(near.settings, RECEIVER, threading.Event())
    made.transport = Wire(deliver)  # type: ignore[assignment]
    return made


def acknowledged(near: Service) -> int:
    """How far the sender's database says that its receiver is."""
    return int(near.rows(select(tables.stream.c.acknowledged))[0].acknowledged)


def numbers(batch: Batch) -> list[int]:
    """The numbers of the messages in a batch."""
    return [message.seq for message in batch.messages]
