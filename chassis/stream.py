"""One stream: this service's messages to one receiver, in order, one batch in flight."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import Any

from redis import RedisError
from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from chassis import outbox, tables, tracing
from chassis.batch import Batch
from chassis.config import Settings
from chassis.deliveries import Deliveries
from chassis.handlers import Message
from chassis.hold import Hold
from chassis.transport import BatchFailed, Transport

log = logging.getLogger("relay")

# Between two tries while Redis is away or the receiver fails: short at first, so that a blink costs little.
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.1, 2.0

# Where messages come faster than one by one, the next batch is given this time to gather more of them: a
# batch costs its sender and receiver some milliseconds, whatever it carries.
GATHER_SECONDS = 0.02

# While messages flow, an acknowledgement is written down this often.
SAVE_SECONDS = 0.2

# Made once: a statement that is made anew for each batch costs more than to run it.
_EPOCH = select(tables.epoch.c.epoch)
_STREAM = select(tables.stream).where(tables.stream.c.receiver == bindparam("to"))
_MESSAGES = (
    select(tables.outbox)
    .where(tables.outbox.c.receiver == bindparam("to"))
    .where(tables.outbox.c.seq.between(bindparam("first"), bindparam("last")))
    .order_by(tables.outbox.c.seq)
    .limit(bindparam("most"))
)


class Stream(threading.Thread):
    """The messages of this service to one receiver.

    Args:
        settings: the sender's.
        engine: the sender's database.
        receiver: the service that they go to.
        stopping: ends the thread, within a second or two.
    """

    def __init__(self, settings: Settings, engine: Engine, receiver: str, stopping: threading.Event) -> None:
        super().__init__(name=f"{settings.domain} → {receiver}", daemon=True)
        self.settings, self.engine, self.receiver, self.stopping = settings, engine, receiver, stopping
        self.reading = engine.execution_options(reading=True)  # without the write lock
        self.woken = threading.Event()
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
            except (RedisError, SQLAlchemyError, BatchFailed, OSError) as error:
                log.warning("%s: %s; trying again in %.1f s", self.name, error, backoff)
            except Exception:  # a thread that ended would hold up its stream without a word
                log.exception("%s: unexpected; trying again in %.1f s", self.name, backoff)
            self.stopping.wait(backoff)
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        with contextlib.suppress(SQLAlchemyError):  # what is not noted is sent again, and skipped by its receiver
            self.save()

    def step(self) -> None:
        """Deliver one batch, or wait for one to come."""
        self.woken.clear()
        batch = self.next_batch()
        if not batch.messages or time.monotonic() - self.saved_at > SAVE_SECONDS:
            self.save()
        if not batch.messages and time.monotonic() - self.said_hello < self.settings.relay_hello_seconds:
            self.woken.wait(self.hold.patience(self.settings.relay_poll_seconds))
            return
        for message in batch.messages:
            with tracing.working_on(message.request_id):
                log.info("sending #%d to %s: %s", message.seq, self.receiver, message.handler)
        self.deliveries.sent(batch)
        answer = self.transport.deliver(batch, self.is_to_give_up)
        if 1 < len(batch.messages) < self.settings.relay_batch_messages:
            self.stopping.wait(GATHER_SECONDS)
        if answer is not None:
            self.said_hello = time.monotonic()
            self.take_answer(batch, answer)

    def next_batch(self) -> Batch:
        """The oldest messages that are not acknowledged; none where none is due."""
        with self.reading.connect() as connection:
            epoch = connection.execute(_EPOCH).scalar_one()
            stream = connection.execute(_STREAM, {"to": self.receiver}).one()
            if epoch != self.epoch:
                self.epoch, self.acknowledged = epoch, stream.acknowledged
            self.saved = stream.acknowledged  # less than was saved, where an older copy was restored
            # The message before the first is never held: it was sent, and the batch has to name it.
            span = {"first": self.acknowledged, "last": max(self.acknowledged, self.hold.due(stream.last))}
            most = self.settings.relay_batch_messages + 1
            rows = connection.execute(_MESSAGES, {"to": self.receiver, **span, "most": most}).all()
        after = ""
        if rows and rows[0].seq == self.acknowledged:  # the one before the first
            after, rows = rows[0].message_id, rows[1:]
        sender = self.settings.domain
        messages = [
            Message(sender, epoch, row.seq, row.message_id, row.handler, row.payload, row.request_id, row.created_at)
            for row in rows[: self.settings.relay_batch_messages]
        ]
        return Batch(sender, epoch, self.acknowledged + 1, after, messages)

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
            with contextlib.suppress(SQLAlchemyError):  # who watches must not disturb
                self.save()
        return self.stopping.is_set()

    def save(self) -> None:
        """Write down what the receiver has acknowledged, unless a new epoch has begun meanwhile."""
        if self.acknowledged != self.saved or self.deliveries.noted:
            same = select(tables.epoch.c.epoch).where(tables.epoch.c.epoch == self.epoch).exists()
            here = update(tables.stream).where(tables.stream.c.receiver == self.receiver, same)
            with self.engine.begin() as connection:
                connection.execute(here.values(acknowledged=self.acknowledged))
                self.deliveries.write(connection)
            self.saved = self.acknowledged
        self.saved_at = time.monotonic()

    def message_id(self, seq: int, batch: Batch) -> str | None:
        """The name of a message of ours; None for one that we never wrote."""
        known = batch.message_id(seq)
        if known is not None:
            return known
        with self.reading.connect() as connection:
            return connection.scalar(select(tables.outbox.c.message_id).filter_by(receiver=self.receiver, seq=seq))

    def start_over(self, batch: Batch, why: str) -> None:
        """Leave the batch's epoch for a new one: this database was restored from an older copy."""
        log.warning("%s: %s: starting a new epoch, every message is sent again", self.name, why)
        with self.engine.begin() as connection:
            outbox.leave_epoch(connection, batch.epoch)
