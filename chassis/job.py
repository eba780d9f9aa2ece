"""The job that carries a batch, as a worker reads it from Redis, where anyone may have written it."""

from __future__ import annotations

import logging
import zlib
from typing import Any, cast

from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisTimeout
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job

from chassis.batch import Batch
from chassis.transport import RECEIVE

log = logging.getLogger("worker")

# The fields of a job's hash that a batch needs; callbacks, webhooks, retries and the like are not read.
FIELDS = {b"data", b"created_at", b"enqueued_at", b"origin", b"description", b"status"}
FIELDS |= {b"timeout", b"result_ttl", b"failure_ttl"}

# A batch of a few hundred messages has some 100 KB; more than this is somebody else's.
LARGEST_JOB_BYTES = 16 * 1024 * 1024


class Refused(Exception):
    """A job that is no batch."""


class BatchJob(Job):
    """A job as this worker reads it from Redis, where anyone may have written it."""

    @classmethod
    def fetch(cls, id: str, connection: Redis | None = None, serializer: Any = None) -> BatchJob:
        """Read a job from Redis.

        Raises:
            NoSuchJobError: it is not as RQ writes it; the worker goes on with the next job.
            redis.ConnectionError: Redis is away.
        """
        try:
            return cast(BatchJob, super().fetch(id, connection, serializer))
        except (NoSuchJobError, RedisAway, RedisTimeout, StopRequested):  # the last by SIGTERM, just now
            raise
        except Exception as error:
            log.error("job %.100r refused: it is not readable (%.200r)", id, error)
            raise NoSuchJobError(f"job {id} is not readable") from error

    def restore(self, raw_data: dict[bytes, bytes]) -> Any:
        """Take over the few fields that a batch has; raises whatever is wrong with them."""
        fields = {name: value for name, value in raw_data.items() if name in FIELDS}
        unpacker = zlib.decompressobj()
        fields[b"data"] = unpacker.decompress(fields[b"data"], LARGEST_JOB_BYTES)
        if not unpacker.eof:
            raise Refused(f"it is larger than {LARGEST_JOB_BYTES} bytes, or cut off")
        super().restore(fields)
        self._deserialize_data()  # type: ignore[no-untyped-call]

    def batch(self) -> Batch:
        """The batch in this job.

        Raises:
            Refused: the job names another function than the one, or carries no batch.
        """
        alone = isinstance(self.args, list) and len(self.args) == 1 and not self.instance and not self.kwargs
        if self.func_name != RECEIVE or not alone:
            raise Refused(
                f"it names {str(self.func_name)[:100]!r}; this worker runs {RECEIVE} with a batch, nothing else"
            )
        try:
            return Batch.load(self.args[0])
        except ValueError as error:
            raise Refused(str(error)) from error
