"""Redis goes away, forgets everything or stands still: nothing in it needs to survive."""

from __future__ import annotations

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from chassis.batch import Batch
from tests.chaos.conftest import SOAK_MINUTES, Town, UnderLoad
from tests.chaos.faults import frozen, last, redis_of, stopped
from tests.waiting import eventually

# 20 s where there is time: both are longer than any timeout, and than the time until the longest backoff.
AWAY_SECONDS = 20 if SOAK_MINUTES else 6


def test_redis_may_be_away(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load:
        with stopped(town.stack, "redis"):
            last(AWAY_SECONDS)
            load.goes_on()
        load.struck_by("Redis stopped")


def test_redis_may_be_emptied(town: Town, under_load: UnderLoad) -> None:
    with under_load(pace=0) as load:
        for _ in range(10):
            redis_of(town.stack).flushall()
            load.struck_by("FLUSHALL")
            load.goes_on(30)


@pytest.mark.parametrize("seconds", [2, AWAY_SECONDS], ids=["shorter than a timeout", "longer than a timeout"])
def test_redis_may_stand_still(town: Town, under_load: UnderLoad, seconds: float) -> None:
    with under_load() as load:
        with frozen(town.stack, "redis"):
            last(seconds)
            load.goes_on()
        load.struck_by("Redis frozen")


def test_a_batch_may_come_twice_and_late(town: Town, under_load: UnderLoad) -> None:
    redis = redis_of(town.stack)
    with under_load() as load:
        with stopped(town.stack, "worker-orders"):
            [old, *_] = eventually(lambda: redis.lrange("rq:queue:orders", 0, -1), "batch in the queue")
            job = redis.hgetall(b"rq:job:" + old)
            batch = Batch.load(fetched(redis, old.decode()).args[0])
        eventually(lambda: applied(town, batch.sender) > batch.last, "messages after that batch")
        for copy in ("late", "later"):
            redis.hset(f"rq:job:{copy}", mapping=job)
            redis.rpush("rq:queue:orders", copy)
            done = f"end of the batch that came {copy}"
            result = eventually(lambda copy=copy: fetched(redis, copy).latest_result(), done)
            assert result.return_value["applied"] > batch.last, "the worker is further, and stays there"
            load.struck_by("a batch once more")


def applied(town: Town, sender: str) -> int:
    """How far orders is with the messages of a sender."""
    return next(stream["applied"] for stream in town.shop.streams("orders")["incoming"] if stream["sender"] == sender)


def fetched(redis: Redis, id: str) -> Job:
    """A job as Redis holds it."""
    return Job.fetch(id, redis, JSONSerializer)
