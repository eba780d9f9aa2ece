"""Whatever stands in Redis, a worker runs batches and nothing else, and goes on with the next one."""

from __future__ import annotations

import http.server
import json
import os
import pickle
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from redis import Redis
from rq import Callback, Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer, PickleSerializer
from rq.webhook import Webhook

from chassis.batch import Batch
from chassis.transport import RECEIVE
from tests.unit.services import RECEIVER, SENDER
from tests.unit.worker_process import QUEUE, Worker

DATA = ["chassis.worker.receive", None, [{}], {}]

# Any JSON, a little of it like a batch.
texts = strategies.text(max_size=20) | strategies.sampled_from(["sender", "messages", SENDER, RECEIVE, "os.mkdir"])
leaves = strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | texts
anything = strategies.recursive(
    leaves, lambda inner: strategies.lists(inner, max_size=5) | strategies.dictionaries(texts, inner, max_size=5)
)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Worker]:
    """One worker for all tests of this file: it must survive them all."""
    url = f"{redis_url}?db=1"  # other workers of this file must not take its jobs
    with Redis.from_url(url) as redis:
        made = Worker(tmp_path_factory.mktemp("worker"), redis, url)
        yield made
        made.stop()


def packed(data: Any) -> bytes:
    """The data of a job as RQ writes it."""
    return zlib.compress(json.dumps(data).encode())


def queue(worker: Worker) -> Queue:
    """The worker's queue, as anyone has it who has RQ."""
    return Queue(RECEIVER, connection=worker.redis, serializer=JSONSerializer)


class Trap:
    """A pickle of it makes a folder in whoever reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_good_batch_is_applied(worker: Worker) -> None:
    worker.must_go_on()


def test_a_job_that_names_another_function_is_refused_and_logged(worker: Worker) -> None:
    job = queue(worker).enqueue("os.mkdir", str(worker.traces / "x"))

    worker.must_go_on()
    result = job.latest_result()
    assert result is not None
    assert "Refused: it names 'os.mkdir'" in str(result.exc_string)
    assert f"job {job.id} failed: Refused: it names 'os.mkdir'" in worker.log()


def test_a_job_of_a_method_is_refused(worker: Worker) -> None:
    worker.put("method", data=packed([RECEIVE, "an instance", [{}], {}]))

    worker.must_go_on()


def test_callbacks_of_a_job_are_not_called(worker: Worker) -> None:
    callback = Callback("os.mkdir")
    for name in (RECEIVE, "os.mkdir"):
        queue(worker).enqueue(
            name, {}, on_success=callback, on_failure=callback, on_stopped=callback, retry=Retry(max=3)
        )

    worker.must_go_on()
    assert worker.redis.llen(QUEUE) == 0
    assert "callback" not in worker.log()


def test_webhooks_of_a_job_are_not_called(worker: Worker) -> None:
    calls = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        hooks = [Webhook(url, status, timeout=2) for status in ("finished", "failed")]
        job = Job.create(RECEIVE, args=({},), connection=worker.redis, serializer=JSONSerializer, webhooks=hooks)
        queue(worker).enqueue_job(job)
        worker.must_go_on()
        server.shutdown()

    assert calls == []


def test_a_pickle_is_never_read(worker: Worker) -> None:
    worker.put("pickle", data=zlib.compress(pickle.dumps((RECEIVE, None, (Trap(worker.traces / "x"),), {}))))
    worker.put("pickle-raw", data=pickle.dumps(Trap(worker.traces / "y")))
    worker.put("pickle-meta", data=packed(DATA), meta=pickle.dumps(Trap(worker.traces / "z")))
    Queue(RECEIVER, connection=worker.redis, serializer=PickleSerializer).enqueue(os.mkdir, str(worker.traces / "w"))

    worker.must_go_on()


def test_a_bomb_is_not_unpacked(worker: Worker) -> None:
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(512)) + packer.flush()
    worker.put("bomb", data=bomb)

    worker.must_go_on()
    assert "job 'bomb' refused" in worker.log()
    peak = Path(f"/proc/{worker.process.pid}/status").read_text().partition("VmHWM:")[2].split()[0]
    assert int(peak) < 256 * 1024, "the worker took more than 256 MiB"


@pytest.mark.parametrize(
    "fields",
    [
        {"data": b""}, {"data": b"no zlib"}, {"data": zlib.compress(b"no json")}, {"data": packed(DATA)[:-5]},
        {"data": zlib.compress(b"[" * 200_000)}, {"data": packed(None)}, {"data": packed([])}, {"data": packed({})},
        {"data": packed([[], {}, 1, "x"])}, {"data": packed([None, None, None, None])}, {"created_at": b"never"},
        {"data": packed(DATA), "timeout": b"soon"}, {"data": packed(DATA), "status": b"odd"},
        {"data": packed(DATA), "created_at": b"\xff"}, {"data": packed(DATA), "origin": b"\xff\xfe"},
        {"data": packed(DATA), "description": b"\xff"}, {"data": packed([RECEIVE, None, ["\ud800"], {}])},
        {"data": packed([RECEIVE, None, [{}], {"more": 1}])}, {"data": packed([RECEIVE, None, [{}, {}], {}])},
    ],
)  # fmt: skip
def test_a_job_that_is_not_as_rq_writes_it_is_refused(worker: Worker, fields: dict[str, bytes]) -> None:
    worker.put("odd", **fields)

    worker.must_go_on()


@pytest.mark.parametrize("id", ["gone", "", "with:colon", "a b", "../x", "\n", "x" * 10_000, b"\xff\xfe", b"\x00"])
def test_a_job_that_is_not_there_or_has_no_proper_id_is_passed_over(worker: Worker, id: str | bytes) -> None:
    worker.put(id)

    worker.must_go_on()


@pytest.mark.parametrize("kind", ["string", "list", "set", "stream"])
def test_a_job_that_is_no_hash_is_passed_over(worker: Worker, kind: str) -> None:
    key = f"rq:job:{kind}"
    worker.redis.delete(key)
    {
        "string": lambda: worker.redis.set(key, "x"),
        "list": lambda: worker.redis.rpush(key, "x"),
        "set": lambda: worker.redis.sadd(key, "x"),
        "stream": lambda: worker.redis.xadd(key, {"x": "y"}),
    }[kind]()
    worker.put(kind)

    worker.must_go_on()


def test_fields_that_a_batch_does_not_need_are_not_read(worker: Worker) -> None:
    batch = Batch("other", "e" * 32, 1, "", [])
    odd = dict.fromkeys(("dependency_ids", "retry_intervals", "ttl", "webhooks", "exc_info", "retries_left"), b"\xff")
    worker.put("more", data=packed([RECEIVE, None, [batch.dump()], {}]), **odd)

    worker.must_go_on()
    assert "job 'more' refused" not in worker.log()


def test_a_result_that_cannot_be_written_does_not_end_the_worker(worker: Worker) -> None:
    worker.redis.set("rq:results:taken", "x")
    worker.put("taken", data=packed(["os.mkdir", None, [], {}]))

    worker.must_go_on()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(job=strategies.lists(strategies.tuples(texts, anything), max_size=4), args=anything)
def test_any_json_as_a_job_is_refused(worker: Worker, job: list[tuple[str, Any]], args: Any) -> None:
    worker.put("any", data=packed([RECEIVE, None, args, {}]))
    worker.put("any-args", data=packed([RECEIVE, None, [args], {}]))
    worker.put("any-data", data=packed(args))
    worker.put("any-batch", data=packed([RECEIVE, None, [{**worker.near.batch().dump(), **dict(job)}], {}]))

    worker.must_go_on()
