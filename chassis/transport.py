"""RQ as the transport of batches: one job carries a batch, its result is the acknowledgement.

What RQ and Redis lose is sent again, what they repeat is skipped: correctness lives in the two databases.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import orjson
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.results import Result

from chassis.batch import Batch

log = logging.getLogger("transport")

# The one function that a job may name. Its name is what `rq info` and the dashboard show.
RECEIVE = "chassis.worker.receive"

# How long a command of Redis may take; above the second that a wait for a result blocks.
REDIS_TIMEOUT_SECONDS = 5
# What RQ's tools show of a job; how long the worker lets a batch take is `Settings.batch_seconds`.
JOB_TIMEOUT_SECONDS = 60
# Long enough for a relay that was paused to read it.
RESULT_TTL_SECONDS = 60
# How long one look for a result blocks: by then the relay looks whether its job is still there.
LOOK_SECONDS = 1


class JSON:
    """RQ's serializer: JSON as its own ``JSONSerializer`` writes it, by a faster library."""

    dumps, loads = staticmethod(orjson.dumps), staticmethod(orjson.loads)


class BatchFailed(Exception):
    """The receiver could not apply the batch now; its log tells why."""


def connect(url: str) -> Redis:
    """A client that gives up soon: whoever uses it tries again by itself."""
    return Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class Transport:
    """The way from one sender to one receiver.

    Args:
        redis_url: where Redis is.
        receiver: the service whose worker takes the jobs; the queue has its name.
        resend_seconds: how long a worker may have a job before it counts as lost.
    """

    def __init__(self, redis_url: str, receiver: str, resend_seconds: float) -> None:
        self._queue = Queue(receiver, connection=connect(redis_url), serializer=JSON)
        self._resend_seconds = resend_seconds

    def deliver(self, batch: Batch, stopping: Callable[[], bool]) -> Any | None:
        """Send a batch and wait for what the receiver says of it.

        Returns:
            the receiver's answer, as it came; None where the job was lost, or it is time to stop.

        Raises:
            BatchFailed: the receiver failed on it.
            redis.RedisError: Redis is away.
        """
        job = self._queue.enqueue_call(
            RECEIVE,
            args=(batch.dump(),),
            description=f"receive {batch.sender} → {self._queue.name} {str(batch).partition(' ')[2]}",
            timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=RESULT_TTL_SECONDS,
            failure_ttl=RESULT_TTL_SECONDS,
        )
        taken: float | None = None
        while True:
            if (result := _latest_result(job)) is not None:
                return _answer(result)
            if stopping():  # after a look: a batch in hand has that much time to be acknowledged
                return None
            if not Job.exists(job.id, connection=self._queue.connection):
                log.warning("%s is gone from Redis: sending it again", batch)
                return None
            if self._queue.get_job_position(job) is not None:
                taken = None
                continue  # no worker has taken it yet, or one gave it back: it waits, however long
            taken = taken or time.monotonic()
            if time.monotonic() - taken > self._resend_seconds:
                log.warning("%s was taken by a worker that does not finish it: sending it again", batch)
                job.delete()
                return None


def _latest_result(job: Job) -> Result | None:
    try:
        return job.latest_result(timeout=LOOK_SECONDS)
    except RedisError:
        raise
    except Exception as error:  # anyone may have written it
        raise BatchFailed(f"the result of job {job.id} is not readable: {error!r:.200}") from error


def _answer(result: Result) -> Any:
    if result.type is not Result.Type.SUCCESSFUL:
        lines = (result.exc_string or "no reason given").strip().splitlines()
        raise BatchFailed(lines[-1])
    return result.return_value
