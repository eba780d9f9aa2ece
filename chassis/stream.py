"""One stream: this service's messages to one receiver, in order, one batch in flight."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from redis import RedisError

from chassis import outgoing
from chassis.batch import Batch
from chassis.config import Settings
from chassis.database_errors import is_infrastructure
from chassis.deliveries import Deliveries
from chassis.handlers import Message
from chassis.hold import Hold
from chassis.nudge import Nudges
from chassis.tracing import tell
from chassis.transport import BatchFailed, Transport

log = logging.getLogger("relay")

# What is tried again with one line in the log; anything else with its trace.
EXPECTED = (RedisError, BatchFailed, OSError)

# Between two tries while Redis is away or the receiver fails: short at first, so that a blink costs little.
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.1, 2.0

# A batch costs its sender and receiver some milliseconds, whatever it carries. So where messages come faster than one
# by one, the next batch gathers them for some times as long as the last one took, and no longer than this.
GATHER_TIMES, LONGEST_GATHER_SECONDS = 5, 0.05

# While messages flow, an acknowledgement is written down this often.
SAVE_SECONDS = 0.2


class Stream(threading.Thread):
    """The messages of this service to one receiver.

    Args:
        settings: the sender's.
        receiver: the service that they go to.
        stopping: ends the thread, within a second or two.
    """

    def __init__(self, settings: Settings, receiver: str, stopping: threading.Event) -> None:
        super().__init__(name=f"{settings.domain} → {receiver}", daemon=True)
        self.settings, self.receiver, self.stopping = settings, receiver, stopping
        self.database = outgoing.keep_connection(settings)
        self.nudges = Nudges(settings.nudge_path(receiver))
        self.transport = Transport(settings.redis_url, receiver, settings.relay_resend_seconds)
        # What the receiver has applied, and what the database says of it; a repeat is harmless, so the
        # database is told when the stream is idle, or now and then.
        self.epoch, self.acknowledged, self.saved = "", 0, 0
        self.deliveries = Deliveries(receiver)
        # By the monotonic clock: the wall clock may be set back.
        self.said_hello = self.saved_at = float("-inf")
        self.hold = Hold(settings.replication_delay_seconds)

    def run(self) -> None:
        """Deliver until told to stop; whatever fails is tried again, for ever."""
        backoff = FIRST_BACKOFF_SECONDS
        while not self.stopping.is_set():
            try:
                self.step()
                backoff = FIRST_BACKOFF_SECONDS
                continue
            except Exception as error:  # a thread that ended would hold up its stream without a word
                trace = None if is_infrastructure(error) or isinstance(error, EXPECTED) else error
                log.warning("%s: %s; trying again in %.1f s", self.name, error, backoff, exc_info=trace)
            self.stopping.wait(backoff)
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        self.try_to_save()
        self.database.drop()
        self.nudges.close()

    def step(self) -> None:
        """Deliver one batch, or wait for one to come."""
        self.nudges.forget()
        batch = self.next_batch()
        if not batch.messages or time.monotonic() - self.saved_at > SAVE_SECONDS:
            self.save()
        if not batch.messages and time.monotonic() - self.said_hello < self.settings.relay_hello_seconds:
            self.nudges.wait(self.hold.patience(self.settings.relay_poll_seconds))
            return
        tell(log, *[(m.request_id, f"sending #{m.seq} to {self.receiver}: {m.handler}") for m in batch.messages])
        self.deliveries.sent(batch)
        began = time.monotonic()
        answer = self.transport.deliver(batch, self.is_to_give_up)
        took = time.monotonic() - began
        if answer is not None:
            self.said_hello = time.monotonic()
            self.take_answer(batch, answer)
        if 1 < len(batch.messages) < self.settings.relay_batch_messages:
            self.stopping.wait(min(GATHER_TIMES * took, LONGEST_GATHER_SECONDS))

    def next_batch(self) -> Batch:
        """The oldest messages that are not acknowledged; none where none is due."""
        with self.database.reading() as connection:
            state = outgoing.state(connection, self.receiver)
            if state.epoch != self.epoch:
                self.epoch, self.acknowledged = state.epoch, state.acknowledged
            self.saved = state.acknowledged  # less than was saved, where an older copy was restored
            # The message before the first is never held: it was sent, and the batch has to name it.
            last = max(self.acknowledged, self.hold.due(state.last))
            most = self.settings.relay_batch_messages + 1
            rows = outgoing.messages(connection, self.receiver, self.acknowledged, last, most)
        after = ""
        if rows and rows[0].seq == self.acknowledged:  # the one before the first
            after, rows = rows[0].message_id, rows[1:]
        sender = self.settings.domain
        messages = [Message(sender, self.epoch, *row) for row in rows[: self.settings.relay_batch_messages]]
        return Batch(sender, self.epoch, self.acknowledged + 1, after, messages)

    def take_answer(self, batch: Batch, answer: Any) -> None:
        """Note how far the receiver is; it may be further back than it was, or further than we ever were."""
        match answer:
            case {"left": True}:
                self.start_over(batch, "its receiver knows this epoch as left")
                return
            case {"applied": int(applied), "message_id": str(message_id)} if 0 <= applied < 2**62:
                pass
            case _:
                raise BatchFailed(f"{self.receiver} answered {answer!r:.200}, which is no acknowledgement")
        if applied and self.message_id(applied, batch) != message_id:
            self.start_over(batch, f"{self.receiver} has applied a #{applied} that is not ours")
            return
        if applied < batch.first - 1:
            log.warning("%s is at #%d of %s: resuming there", self.receiver, applied, batch)
        self.acknowledged = applied
        self.deliveries.answered(applied)

    def is_to_give_up(self) -> bool:
        """Asked each second while a batch is under way; one that takes long can be seen under way."""
        if self.deliveries.is_slow():
            self.try_to_save()  # who watches must not disturb
        return self.stopping.is_set()

    def save(self) -> None:
        """Write down what the receiver has acknowledged, unless a new epoch has begun meanwhile."""
        if self.acknowledged != self.saved or self.deliveries.noted:
            with self.database.transaction() as connection:
                outgoing.acknowledge(connection, self.receiver, self.epoch, self.acknowledged)
                self.deliveries.write(connection)
            self.saved = self.acknowledged
        self.saved_at = time.monotonic()

    def try_to_save(self) -> None:
        """Save now if the database can be written: what is not noted is sent again, and skipped by its receiver."""
        try:
            self.save()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            log.warning("%s: the acknowledgement was not saved: %s", self.name, error)

    def message_id(self, seq: int, batch: Batch) -> str | None:
        """The name of a message of ours; None for one that we never wrote."""
        known = batch.message_id(seq)
        if known is not None:
            return known
        with self.database.reading() as connection:
            return outgoing.message_id(connection, self.receiver, seq)

    def start_over(self, batch: Batch, why: str) -> None:
        """Leave the batch's epoch for a new one: this database was restored from an older copy."""
        log.warning("%s: %s: starting a new epoch, every message is sent again", self.name, why)
        with self.database.transaction() as connection:
            outgoing.leave_epoch(connection, batch.epoch)
