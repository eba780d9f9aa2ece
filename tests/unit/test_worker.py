"""The worker: how it begins and ends, and a handler that hangs."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.results import Result
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from sqlalchemy import select

from chassis import tables
from chassis.batch import Batch
from chassis.config import Settings
from chassis.job import BatchJob
from chassis.transport import RECEIVE
from chassis.worker import BatchWorker
from tests.unit.services import DAWDLE, RECEIVER, SENDER, message
from tests.unit.worker_process import QUEUE, Worker
from tests.waiting import eventually


@pytest.fixture
def start(tmp_path: Path, redis: Redis, redis_url: str) -> Iterator[Callable[..., Worker]]:
    """Starts a worker of one's own, and ends it after the test."""
    started: list[Worker] = []

    def start_one(**settings: str) -> Worker:
        started.append(Worker(tmp_path, redis, redis_url, **settings))
        return started[0]

    yield start_one
    for worker in started:
        worker.stop()


def test_what_others_left_in_redis_does_not_hinder_a_worker_that_starts(
    redis: Redis, start: Callable[[], Worker]
) -> None:
    redis.set("rq:job:string", "x")
    redis.rpush(f"{QUEUE}:intermediate", b"\xff\xfe", "string", "gone", "a b")
    redis.rpush(QUEUE, b"\xff\xfe", "string", "gone", "a b")

    start().must_go_on()


def test_a_worker_ends_when_it_is_told_to(start: Callable[[], Worker]) -> None:
    worker = start()
    worker.must_go_on()
    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(30) == 0


def is_written(path: Path) -> bool:
    """Whether someone has a database's write lock: what is merely handed out may be given back."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def test_a_worker_that_is_told_to_end_finishes_the_batch_in_hand(redis: Redis, start: Callable[..., Worker]) -> None:
    worker = start()
    with ThreadPoolExecutor(1) as pool:
        answer: Future[Any] = pool.submit(worker.deliver, message(1, 10, 1, handler=DAWDLE), message(2, 11))
        eventually(lambda: is_written(worker.far.path), "the batch's transaction")
        worker.process.send_signal(signal.SIGTERM)

        assert worker.process.wait(30) == 0
        assert answer.result(30)["applied"] == 2
    assert worker.far.notes() == [10, 11]
    assert "failed" not in worker.log()


def test_a_worker_that_is_told_to_end_gives_back_what_it_was_just_handed(
    redis: Redis, start: Callable[..., Worker]
) -> None:
    worker = start()
    worker.must_go_on()
    redis.rpush(f"{QUEUE}:intermediate", "first", "second")
    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(30) == 0
    assert redis.lrange(QUEUE, 0, -1) == [b"first", b"second"]


def test_a_message_whose_handler_hangs_does_not_hold_up_the_stream(start: Callable[..., Worker]) -> None:
    worker = start(MESSAGE_SECONDS="0.2", MESSAGE_ATTEMPTS="2")

    answer = worker.deliver(message(1, 10), message(2, 11, 3600, handler=DAWDLE), message(3, 12))

    assert answer["applied"] == 3
    assert worker.far.notes() == [10, 12]
    assert [letter.error for letter in worker.far.rows(select(tables.dead_letter))] == [
        "TookTooLong: it did not end within 0.2 s"
    ]


def test_a_worker_that_is_told_to_end_while_it_reads_a_job_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise StopRequested

    monkeypatch.setattr(Job, "fetch", interrupted)

    with pytest.raises(StopRequested):
        BatchJob.fetch("a-job")


def test_a_worker_whose_batch_hung_outside_its_handlers_ends_and_the_relay_is_told(redis: Redis) -> None:
    def hang(batch: Batch) -> Any:
        raise JobTimeoutException

    queue = Queue(RECEIVER, connection=redis, serializer=JSONSerializer, job_class=BatchJob)
    sent = queue.enqueue_call(RECEIVE, args=(Batch(SENDER, "e" * 32, 1, "", [message(1, 10)]).dump(),))
    job = BatchJob.fetch(sent.id, redis, JSONSerializer)
    worker = BatchWorker(Settings(RECEIVER), redis, hang, threading.Event())

    with pytest.raises(SystemExit):
        worker.execute_job(job, queue)

    assert sent.latest_result().type is Result.Type.FAILED
