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

from chassis.batch import Batch
from chassis.database import database, execute, transaction
from chassis.database_errors import Unavailable
from chassis.handlers import Message, UnknownHandler, forget, handle
from chassis.position import Answer, Position
from chassis.tracing import tell

log = logging.getLogger("inbox")

IS_LEFT = "SELECT 1 AS yes FROM inbox_left_epoch WHERE sender = :sender AND epoch = :epoch"
POSITION = "SELECT epoch, applied, message_id FROM inbox WHERE sender = :sender"
LEAVE = "INSERT INTO inbox_left_epoch (sender, epoch) VALUES (:sender, :epoch)"
DROP_POSITION = "DELETE FROM inbox WHERE sender = :sender"
DROP_LETTERS = "DELETE FROM dead_letter WHERE sender = :sender"
START = "INSERT INTO inbox (sender, epoch, applied, message_id) VALUES (:sender, :epoch, 0, '')"
SAVE = "UPDATE inbox SET applied = :applied, message_id = :message_id WHERE sender = :sender"
BURY = """
    INSERT INTO dead_letter
        (sender, seq, message_id, handler, payload, request_id, created_at, error, failed_at)
    VALUES (:sender, :seq, :message_id, :handler, :payload, :request_id, :created_at, :error, :failed_at)
"""


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
        tell(log, *[(m.request_id, f"applied #{m.seq} from {m.sender}: {m.handler}") for m in applied])
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
        if execute(IS_LEFT, sender=batch.sender, epoch=batch.epoch).fetchone():
            log.warning("%s refused: its epoch was left", batch)
            return None
        row = execute(POSITION, sender=batch.sender).fetchone()
        if row is not None and row.epoch == batch.epoch:
            return Position(row.applied, row.message_id)
        if row is not None:
            log.warning("%s starts a new epoch: its replica is dropped and comes again", batch.sender)
            execute(LEAVE, sender=batch.sender, epoch=row.epoch)
            execute(DROP_POSITION, sender=batch.sender)
            execute(DROP_LETTERS, sender=batch.sender)
            forget(batch.sender, self.domain)
        execute(START, sender=batch.sender, epoch=batch.epoch)
        return Position(0, "")

    def _save(self, sender: str, position: Position) -> None:
        execute(SAVE, sender=sender, applied=position.applied, message_id=position.message_id)

    def _bury(self, message: Message, error: Exception) -> None:
        log.error("#%d from %s is a dead letter: %s", message.seq, message.sender, _short(error))
        execute(BURY, **message._asdict(), error=_short(error), failed_at=time.time())


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:1000]
