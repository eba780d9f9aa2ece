"""The transport on a real Redis: whatever becomes of a job, the relay hears of it and can send again."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from redis import Redis, RedisError
from rq import Queue
from rq.job import Job
from rq.results import Result
from rq.serializers import JSONSerializer

from chassis.batch import Batch
from chassis.transport import RECEIVE, BatchFailed, Transport
from tests.unit.services import RECEIVER, SENDER, message
from tests.waiting import eventually

BATCH = Batch(SENDER, "e" * 32, 1, "", [message(1, 10)])
ACKNOWLEDGEMENT = {"applied": 1, "message_id": "1"}


class Delivery(threading.Thread):
    """A batch under way in a thread of its own, and what came of it."""

    def __init__(self, url: str, resend_seconds: float = 60) -> None:
        super().__init__(daemon=True)
        self._transport = Transport(url, RECEIVER, resend_seconds)
        self.stopping = threading.Event()
        self.outcome: Any = "none yet"
        self.start()

    def run(self) -> None:
        """Deliver."""
        try:
            self.outcome = self._transport.deliver(BATCH, self.stopping.is_set)
        except (BatchFailed, RedisError) as error:
            self.outcome = error

    def ended(self) -> Any:
        """The outcome, once there is one."""
        self.join(30)
        assert not self.is_alive()
        return self.outcome


def queued(redis: Redis) -> Job:
    """The job that waits for a worker."""
    queue = Queue(RECEIVER, connection=redis, serializer=JSONSerializer)
    eventually(lambda: queue.job_ids, "job")
    return queue.jobs[0]


def taken(redis: Redis) -> Job:
    """The job, after a worker has taken it."""
    job = queued(redis)
    redis.lpop(f"rq:queue:{RECEIVER}")
    return job


def test_a_batch_travels_as_one_job_that_names_the_one_function(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url)
    job = queued(redis)
    delivery.stopping.set()
    delivery.ended()

    assert (job.func_name, Batch.load(job.args[0])) == (RECEIVE, BATCH)
    assert job.description == f"receive {SENDER} → {RECEIVER} #1"


def test_the_result_of_the_job_is_the_answer(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url)
    Result.create(taken(redis), Result.Type.SUCCESSFUL, 60, return_value=ACKNOWLEDGEMENT)

    assert delivery.ended() == ACKNOWLEDGEMENT


def test_a_job_that_failed_is_told_with_its_reason(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url)
    Result.create(taken(redis), Result.Type.FAILED, 60, exc_string="Unavailable: the database is busy")

    assert str(delivery.ended()) == "Unavailable: the database is busy"


def test_a_job_that_is_gone_is_noticed(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url)
    queued(redis)
    redis.flushdb()

    assert delivery.ended() is None


def test_a_job_that_a_worker_took_and_does_not_finish_is_given_up(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url, resend_seconds=0.1)
    job = taken(redis)

    assert delivery.ended() is None
    assert not Job.exists(job.id, redis)


def test_a_job_that_no_worker_has_taken_waits_however_long(redis: Redis, redis_url: str) -> None:
    looks: list[float] = []

    def stop_after_three_looks() -> bool:
        looks.append(time.monotonic())
        return len(looks) > 3

    assert Transport(redis_url, RECEIVER, resend_seconds=0).deliver(BATCH, stop_after_three_looks) is None
    assert queued(redis)


def test_a_relay_that_stops_does_not_wait_for_the_answer(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url)
    taken(redis)
    delivery.stopping.set()

    assert delivery.ended() is None


def test_when_redis_is_away_the_relay_hears_it_soon() -> None:
    before = time.monotonic()
    with pytest.raises(RedisError):
        Transport("unix:///nowhere/redis.sock", RECEIVER, 1).deliver(BATCH, lambda: False)

    assert time.monotonic() - before < 5


@pytest.mark.parametrize(
    "fields",
    [{"odd": "odd"}, {"type": "1", "return_value": "no base64"}, {"type": "99"}, {"type": b"\xff"}],
)
def test_a_result_that_is_not_readable_fails_the_batch(redis: Redis, redis_url: str, fields: dict[Any, Any]) -> None:
    delivery = Delivery(redis_url)
    redis.xadd(f"rq:results:{taken(redis).id}", fields)

    assert isinstance(delivery.ended(), BatchFailed)


def test_a_relay_that_is_told_to_end_hears_of_the_batch_in_hand(redis: Redis, redis_url: str) -> None:
    delivery = Delivery(redis_url)
    delivery.stopping.set()
    Result.create(taken(redis), Result.Type.SUCCESSFUL, ttl=60, return_value=ACKNOWLEDGEMENT)

    assert delivery.ended() == ACKNOWLEDGEMENT


def test_a_job_that_a_worker_gave_back_has_all_its_time_again(redis: Redis, redis_url: str) -> None:
    transport = Transport(redis_url, RECEIVER, resend_seconds=1.5)
    queue = f"rq:queue:{RECEIVER}"
    # What happens before each look of a second: taken, seen as taken, given back, taken again, seen as taken.
    turns = iter([redis.lpop, None, redis.rpush, redis.lpop, None])

    def stopping() -> bool:
        for turn in turns:
            if turn == redis.lpop:
                redis.lpop(queue)
            elif turn == redis.rpush:
                [key] = redis.keys("rq:job:*")
                redis.rpush(queue, key.removeprefix(b"rq:job:"))
            return False
        return True

    transport.deliver(BATCH, stopping)

    assert len(redis.keys("rq:job:*")) == 1, "it was not given up"
