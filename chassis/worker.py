"""The worker: an RQ worker that takes batches and nothing else.

RQ calls whatever function a job names, and whatever callbacks and webhooks it lists. Who can write to Redis
could have a worker run anything, so this one reads the batch out of a job and leaves the rest.
"""

from __future__ import annotations

import logging
import signal
import time
import zlib
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

from flask import Flask
from redis import RedisError
from redis.client import Pipeline
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.results import Result
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from rq.worker import WorkerStatus

from chassis import handlers
from chassis.batch import Batch
from chassis.config import Settings
from chassis.inbox import Answer, Inbox
from chassis.transport import JOB_TIMEOUT_SECONDS, RECEIVE, RESULT_TTL_SECONDS, connect

log = logging.getLogger("worker")

# How long to wait for Redis before the first job: short, so that a worker is there as soon as it is.
REDIS_RETRY_SECONDS = 0.5

# The fields of a job's hash that a batch needs; callbacks, webhooks, retries and the like are not read.
FIELDS = {b"data", b"created_at", b"enqueued_at", b"origin", b"description", b"status"}
FIELDS |= {b"timeout", b"result_ttl", b"failure_ttl"}

# A batch of a few hundred messages has some 100 KB; more than this is somebody else's.
LARGEST_JOB_BYTES = 16 * 1024 * 1024

# How often a worker tells Redis that it lives; RQ does so several times for each job.
HEARTBEAT_SECONDS = 15


class Refused(Exception):
    """A job that is no batch."""


class BatchJob(Job):
    """A job as this worker reads it from Redis, where anyone may have written it."""

    def restore(self, raw_data: dict[bytes, bytes]) -> Any:
        """Read the few fields that a batch has.

        Raises:
            NoSuchJobError: they are not as RQ writes them; the worker goes on with the next job.
        """
        try:
            fields = {name: value for name, value in raw_data.items() if name in FIELDS}
            unpacker = zlib.decompressobj()
            fields[b"data"] = unpacker.decompress(fields[b"data"], LARGEST_JOB_BYTES)
            if not unpacker.eof:
                raise Refused(f"it is larger than {LARGEST_JOB_BYTES} bytes, or cut off")
            super().restore(fields)
            self._deserialize_data()
        except Exception as error:
            log.error("job %s refused: it is not readable (%r)", self.id, error)
            raise NoSuchJobError(f"job {self.id} is not readable") from error

    def batch(self) -> Batch:
        """The batch in this job.

        Raises:
            Refused: the job names another function than the one, or carries no batch.
        """
        if self.func_name != RECEIVE or self.instance or self.kwargs or len(self.args) != 1:
            raise Refused(f"it names {str(self.func_name)[:100]!r}; this worker runs {RECEIVE} and nothing else")
        try:
            return Batch.load(self.args[0])
        except ValueError as error:
            raise Refused(str(error)) from error


class BatchWorker(SimpleWorker):
    """RQ's worker with three round trips to Redis for a job instead of fifty-seven commands.

    Args:
        receive: what applies a batch and returns the acknowledgement.
        options: as RQ has them.
    """

    def __init__(self, *args: Any, receive: Callable[[Batch], Answer], **options: Any) -> None:
        self._receive = receive
        self._told = float("-inf")
        self.stopped = False
        super().__init__(*args, job_class=BatchJob, serializer=JSONSerializer, log_job_description=False, **options)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Apply the job's batch and leave the result for the relay, in one round trip."""
        self._state = WorkerStatus.BUSY  # so that SIGTERM lets this batch end
        status, kind, result = JobStatus.FINISHED, Result.Type.SUCCESSFUL, {}
        try:
            with self.death_penalty_class(JOB_TIMEOUT_SECONDS, JobTimeoutException, job_id=job.id):
                result["return_value"] = self._receive(cast(BatchJob, job).batch())
        except Exception as error:
            status, kind = JobStatus.FAILED, Result.Type.FAILED
            result["exc_string"] = f"{type(error).__name__}: {error}"
            log.error("job %s failed: %s", job.id, result["exc_string"])
        with self.connection.pipeline() as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            job.set_status(status, pipeline)
            Result.create(job, kind, RESULT_TTL_SECONDS, worker_name=self.name, pipeline=pipeline, **result)
            pipeline.expire(job.key, RESULT_TTL_SECONDS)
            try:
                pipeline.execute()
            except RedisError as error:  # the batch is applied: the relay sends it again and is told so
                log.warning("no acknowledgement for job %s: %s", job.id, error)
        self._state = WorkerStatus.IDLE

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the batch in hand."""
        self.stopped = True
        super().request_stop(signum, frame)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell Redis that this worker lives, as often as needed and no oftener."""
        if time.monotonic() - self._told > HEARTBEAT_SECONDS:
            super().heartbeat(timeout, pipeline)
            self._told = time.monotonic()

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Keep the state here; nobody asks Redis for it."""
        self._state = state

    def check_for_suspension(self, burst: bool) -> None:
        """Work on: ``stop`` is how this suite suspends a worker."""


def run(app: Flask, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish the batch in hand; when Redis is away, wait for it."""
    handlers.load(settings.domain)
    inbox = Inbox(settings.domain)

    def receive(batch: Batch) -> Answer:
        with app.app_context():
            return inbox.receive(batch)

    redis = connect(settings.redis_url)
    while True:
        try:
            worker = BatchWorker([settings.domain], connection=redis, receive=receive)
            log.info("working on the queue %s", settings.domain)
            worker.work()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if worker.stopped:
                return
        except (RedisError, OSError) as error:
            log.warning("waiting for Redis: %s", error)
            time.sleep(REDIS_RETRY_SECONDS)
