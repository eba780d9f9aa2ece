"""The inbox: each message takes effect exactly once, in order, however often its batch arrives.

One row for each sender says how far its messages have been applied. The effects of a message, the messages
that it causes and that row commit together. Pattern: idempotent consumer,
https://microservices.io/patterns/communication-style/idempotent-consumer.html
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext

from rq.timeouts import JobTimeoutException
from sqlalchemy import delete, insert, select, update

from chassis import tables, tracing
from chassis.batch import Batch
from chassis.database import database, transaction
from chassis.errors import Unavailable
from chassis.handlers import Message, UnknownHandler, forget, handle
from chassis.position import Answer, Position
from chassis.work import work

log = logging.getLogger("inbox")


class Inbox:
    """The receiving side of one domain.

    Args:
        domain: whose handlers are run.
        limit: around the handlers of each transaction; what it raises counts as the message's error.
    """

    def __init__(self, domain: str, limit: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self.domain = domain
        self._limit = limit

    def receive(self, batch: Batch) -> Answer:
        """Apply what is new of a batch.

        A repeat is skipped. A batch that leaves a gap changes nothing; the answer says where to resume.

        Raises:
            Unavailable: the database can't be written now; send the batch again.
        """
        try:
            return self._apply(batch, batch.messages)
        except (Unavailable, JobTimeoutException):
            raise
        except Exception as error:
            if not batch.messages:  # the replica could not be dropped: no message is to blame
                raise
            log.warning("a message of %s failed (%s): applying them one by one", batch, _short(error))
        for message in batch.messages:
            answer = self._apply_or_bury(batch, message)
        return answer

    def _apply(self, batch: Batch, messages: Iterable[Message]) -> Answer:
        applied = []
        with transaction():
            position = self._enter(batch)
            if position is None:
                return {"left": True}
            if not position.is_in(batch):
                return position.as_answer()  # a gap, a repeat, or a sender that was restored from an older copy
            with self._limit():
                for message in messages:
                    if position.comes_before(message):
                        handle(message, self.domain)
                        position.advance_to(message)
                        applied.append(message)
            self._save(batch.sender, position)
        for message in applied:
            with tracing.working_on(message.request_id):
                log.info("applied #%d from %s: %s", message.seq, message.sender, message.handler)
        return position.as_answer()

    def _apply_or_bury(self, batch: Batch, message: Message) -> Answer:
        """Try one message a few times; then it goes to the dead letters and the stream goes on."""
        attempts = database().settings.message_attempts
        for attempt in range(1, attempts + 1):
            try:
                return self._apply(batch, [message])
            except (Unavailable, JobTimeoutException):
                raise
            except Exception as error:
                log.exception("#%d %s failed, attempt %d of %d", message.seq, message.handler, attempt, attempts)
                failure = error
                if isinstance(error, UnknownHandler):
                    break
        with transaction():
            position = self._enter(batch)
            if position is None:
                return {"left": True}
            if position.is_in(batch) and position.comes_before(message):
                self._bury(message, failure)
                position.advance_to(message)
                self._save(batch.sender, position)
        return position.as_answer()

    def _enter(self, batch: Batch) -> Position | None:
        """The sender's position; None where the batch is of an epoch that the sender has left."""
        connection = work().connection
        left = select(tables.left_epoch.c.epoch).filter_by(sender=batch.sender, epoch=batch.epoch)
        if connection.scalar(left) is not None:
            log.warning("%s refused: its epoch was left", batch)
            return None
        row = connection.execute(select(tables.inbox).filter_by(sender=batch.sender)).first()
        if row is not None and row.epoch == batch.epoch:
            return Position(row.applied, row.message_id)
        if row is not None:
            log.warning("%s starts a new epoch: its replica is dropped and comes again", batch.sender)
            connection.execute(insert(tables.left_epoch).values(sender=batch.sender, epoch=row.epoch))
            connection.execute(delete(tables.inbox).filter_by(sender=batch.sender))
            connection.execute(delete(tables.dead_letter).filter_by(sender=batch.sender))
            forget(batch.sender, self.domain)
        connection.execute(
            insert(tables.inbox).values(sender=batch.sender, epoch=batch.epoch, applied=0, message_id="")
        )
        return Position(0, "")

    def _save(self, sender: str, position: Position) -> None:
        here = update(tables.inbox).filter_by(sender=sender)
        work().connection.execute(here.values(applied=position.applied, message_id=position.message_id))

    def _bury(self, message: Message, error: Exception) -> None:
        log.error("#%d from %s is a dead letter: %s", message.seq, message.sender, _short(error))
        letter = {column: getattr(message, column) for column in ("sender", "seq", "message_id", "handler")}
        letter |= {column: getattr(message, column) for column in ("payload", "request_id", "created_at")}
        values = {**letter, "error": _short(error), "failed_at": time.time()}
        work().connection.execute(insert(tables.dead_letter).values(values))


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:1000]
