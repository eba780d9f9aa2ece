"""The worker: an RQ worker that takes batches and nothing else.

RQ calls whatever function a job names, and whatever callbacks and webhooks it lists. Who can write to Redis
could have a worker run anything, so this one reads the batch out of a job and leaves the rest.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from functools import partial
from threading import Event
from types import FrameType
from typing import cast

from flask import Flask
from redis import Redis, RedisError
from redis.client import Pipeline
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job, JobStatus
from rq.results import Result
from rq.timeouts import JobTimeoutException
from rq.utils import now
from rq.worker import WorkerStatus

from chassis import handlers
from chassis.batch import Batch
from chassis.config import Settings
from chassis.inbox import Inbox
from chassis.job import BatchJob
from chassis.position import Answer
from chassis.time_limit import time_limit
from chassis.transport import JSON, RESULT_TTL_SECONDS, connect

log = logging.getLogger("worker")

# How long to wait for Redis before the first job: short, so that a worker is there as soon as it is.
REDIS_RETRY_SECONDS = 0.5

# How often a worker tells Redis that it lives; RQ does so several times for each job.
HEARTBEAT_SECONDS = 15


class BatchWorker(SimpleWorker):
    """RQ's worker with three round trips to Redis for a job instead of fifty-seven commands.

    Args:
        settings: the receiver's; its queue has the domain's name.
        connection: to Redis.
        receive: what applies a batch and returns the acknowledgement.
        stopping: is set when the worker is told to end.
    """

    def __init__(
        self, settings: Settings, connection: Redis, receive: Callable[[Batch], Answer], stopping: Event
    ) -> None:
        self._receive, self._batch_seconds = receive, settings.batch_seconds
        self._told = float("-inf")
        self._stopping = stopping
        super().__init__([settings.domain], job_class=BatchJob, serializer=JSON, connection=connection)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Apply the job's batch and leave the result for the relay, in one round trip."""
        self._state = WorkerStatus.BUSY  # so that SIGTERM lets this batch end
        answer: Answer | None = None
        error_text: str | None = None
        hung = False
        try:
            with self.death_penalty_class(self._batch_seconds, JobTimeoutException, job_id=job.id):
                answer = self._receive(cast(BatchJob, job).batch())
        except Exception as error:  # noqa: BLE001 - whatever it is, the relay is told and sends again
            error_text = f"{type(error).__name__}: {error}"
            hung = isinstance(error, JobTimeoutException)
            log.error("job %s failed: %s", job.id, error_text)
        status, kind = (
            (JobStatus.FAILED, Result.Type.FAILED) if error_text else (JobStatus.FINISHED, Result.Type.SUCCESSFUL)
        )
        with self.connection.pipeline() as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            job.set_status(status, pipeline)
            Result.create(job, kind, RESULT_TTL_SECONDS, answer, error_text, self.name, pipeline)
            pipeline.expire(job.key, RESULT_TTL_SECONDS)
            try:
                pipeline.execute()
            except RedisError as error:  # the batch is applied: the relay sends it again and is told so
                log.warning("no acknowledgement for job %s: %s", job.id, error)
        self._state = WorkerStatus.IDLE
        if hung:  # it was struck anywhere, and may have left a lock or a transaction open: a new process has none
            log.error("ending, to be started again")
            raise SystemExit(1)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for the next job; an id that is not even text is passed over."""
        while True:
            try:
                return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
            except UnicodeDecodeError as error:
                log.error("a job refused: its id is not text (%s)", error)

    def run_maintenance_tasks(self) -> None:
        """Forget what a worker had in hand that was killed: the relay sends it again. No registry is used."""
        for queue in self.queues:
            self.connection.delete(queue.intermediate_queue_key)
        self.last_cleaned_at = now()  # type: ignore[assignment]

    def give_back(self) -> None:
        """Leave to the next worker what Redis handed out just when this one was told to end."""
        self.connection.connection_pool.disconnect()  # from here on, Redis hands nothing out to this one
        for queue in self.queues:
            while self.connection.lmove(queue.intermediate_queue_key, queue.key, "RIGHT", "LEFT"):
                pass

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the batch in hand."""
        self._stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell Redis that this worker lives, as often as needed and no oftener."""
        if time.monotonic() - self._told > HEARTBEAT_SECONDS:
            super().heartbeat(timeout, pipeline)
            self._told = time.monotonic()

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Keep the state here; nobody asks Redis for it."""
        self._state = state

    def subscribe(self) -> None:
        """Listen to no commands: who can write to Redis could otherwise have the worker shut down."""

    def unsubscribe(self) -> None:
        """There is nothing to end."""

    def check_for_suspension(self, burst: bool) -> None:
        """Look whether to end; nothing else suspends a worker here.

        Raises:
            StopRequested: it was told to end before it had begun.
        """
        if self._stopping.is_set():
            raise StopRequested


def run(app: Flask, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish the batch in hand; when Redis is away, wait for it."""
    handlers.load(settings.domain)
    inbox = Inbox(settings.domain, partial(time_limit, settings.message_seconds))

    def receive(batch: Batch) -> Answer:
        with app.app_context():
            return inbox.receive(batch)

    redis, stopping = connect(settings.redis_url), Event()
    while not stopping.is_set():
        for number in (signal.SIGTERM, signal.SIGINT):  # RQ's own hold while it works, and not while Redis is away
            signal.signal(number, lambda *_: stopping.set())
        try:
            worker = BatchWorker(settings, redis, receive, stopping)
            log.info("working on the queue %s", settings.domain)
            worker.work()
            worker.give_back()
        except (RedisError, OSError) as error:
            log.warning("waiting for Redis: %s", error)
        stopping.wait(REDIS_RETRY_SECONDS)
