"""The worker: an RQ worker that takes batches and nothing else.

RQ calls whatever function a job names, and whatever callbacks and webhooks it lists. Who can write to Redis
could have a worker run anything, so this one reads the batch out of a job and leaves the rest.
"""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from flask import Flask
from redis import RedisError
from rq import SimpleWorker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from chassis import handlers, tracing
from chassis.batch import Batch
from chassis.config import Settings
from chassis.inbox import Answer, Inbox
from chassis.transport import RECEIVE, connect

log = logging.getLogger("worker")

# How long to wait for Redis before the first job: short, so that a worker is there as soon as it is.
REDIS_RETRY_SECONDS = 0.5

# The fields of a job's hash that a batch needs; callbacks, webhooks, retries and the like are not read.
FIELDS = {b"data", b"created_at", b"enqueued_at", b"origin", b"description", b"status"}
FIELDS |= {b"timeout", b"result_ttl", b"failure_ttl"}


class Refused(Exception):
    """A job that is no batch."""


class BatchJob(Job):
    """A job as this worker reads it from Redis, where anyone may have written it."""

    app: Flask
    inbox: Inbox

    def restore(self, raw_data: dict[bytes, bytes]) -> Any:
        """Read the few fields that a batch has.

        Raises:
            NoSuchJobError: they are not as RQ writes them; the worker goes on with the next job.
        """
        try:
            super().restore({name: value for name, value in raw_data.items() if name in FIELDS})
            self._deserialize_data()
        except NoSuchJobError:
            raise
        except Exception as error:
            log.error("job %s refused: it is not readable (%s)", self.id, error)
            raise NoSuchJobError(f"job {self.id} is not readable") from error

    def perform(self) -> Answer:
        """Apply the batch; what this returns is the acknowledgement.

        Raises:
            Refused: the job names another function than the one, or carries no batch.
        """
        if self.func_name != RECEIVE or self.instance or self.kwargs or len(self.args) != 1:
            log.error("job %s refused: it names %r", self.id, self.func_name)
            raise Refused(f"this worker runs {RECEIVE} and nothing else")
        try:
            batch = Batch.load(self.args[0])
        except ValueError as error:
            log.error("job %s refused: %s", self.id, error)
            raise Refused(str(error)) from error
        with self.app.app_context():
            return self.inbox.receive(batch)


def run(app: Flask, settings: Settings) -> int:
    """Work until SIGTERM or SIGINT, then finish the batch in hand.

    Returns:
        the exit status: 1 where Redis went away in the middle of a job and a new worker is needed.
    """
    handlers.load(settings.domain)
    job_class = type("BatchJob", (BatchJob,), {"app": app, "inbox": Inbox(settings.domain)})
    redis = connect(settings.redis_url)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            redis.ping()
        except (RedisError, OSError) as error:
            log.warning("waiting for Redis: %s", error)
            stopping.wait(REDIS_RETRY_SECONDS)
            continue
        worker = SimpleWorker(
            [settings.domain], connection=redis, job_class=job_class, serializer=JSONSerializer, log_job_description=False
        )
        log.info("working on the queue %s", settings.domain)
        worker.work()
        return 0
    return 0
