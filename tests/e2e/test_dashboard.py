"""RQ's own view of its queues, without Docker: how it is started, what it may do, and what it never does."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.processes import SERVICES
from tests.e2e.conftest import skip_on_a_given_suite
from tests.e2e.problems import problem
from tests.e2e.services import redis_of, stopped
from tests.shop import Shop
from tests.stack import ROOT, START_SECONDS, Stack
from tests.waiting import eventually

CLIENTS, ORDERS_EACH = 3, 60


@pytest.fixture(scope="module")
def plain() -> Iterator[Stack]:
    """A suite that was started without the dashboard."""
    skip_on_a_given_suite()
    stack = Stack("dashboard")
    stack.up()
    yield stack
    stack.down()


@pytest.fixture
def stack(plain: Stack) -> Stack:
    """The same suite with the dashboard."""
    plain.run("--profile", "dashboard", "up", "-d")
    return plain


@pytest.fixture
def viewer(stack: Stack) -> Shop:
    """Somebody who looks at the dashboard through the gateway."""
    return Shop(stack.url)


def queues(viewer: Shop) -> dict[str, int]:
    """How many jobs wait in each queue."""
    return {queue["name"]: queue["count"] for queue in viewer.get("/rq/0/data/queues.json").json()["queues"]}


def jobs(viewer: Shop, queue: str) -> list[dict[str, Any]]:
    """The jobs that wait in a queue."""
    found: list[dict[str, Any]] = viewer.get(f"/rq/0/data/jobs/{queue}/queued/8/asc/1.json").json()["jobs"]
    return found


def empty(viewer: Shop, queue: str) -> None:
    """Press the button that deletes all jobs of a queue."""
    assert viewer.post(f"/rq/queue/{queue}/queued/empty").json() == {"status": "OK"}


def test_without_its_profile_it_is_missed_and_run_sh_says_how_to_start_it(plain: Stack) -> None:
    shop = Shop(plain.url)

    problem(shop.get("/rq/"), 502)
    assert shop.get("/rq/status").json() == {"status": "down"}
    refused = subprocess.run(
        ["./run.sh", "start", "dashboard"],
        cwd=ROOT,
        env={**os.environ, "VAR": str(plain.var)},
        text=True,
        stderr=subprocess.PIPE,
        timeout=START_SECONDS,
    )
    assert refused.returncode == 1
    assert "./run.sh --profile dashboard up -d" in refused.stderr


def test_the_profile_adds_it_to_a_suite_that_runs_and_leaves_the_rest_alone(plain: Stack) -> None:
    before = {name: plain.pid(name) for name in SERVICES}

    printed = plain.run("--profile", "dashboard", "up", "-d")

    assert f"http://localhost:{plain.port}/rq/" in printed
    assert {name: plain.pid(name) for name in SERVICES} == before
    assert Shop(plain.url).get("/rq/status").json() == {"status": "up"}


def test_the_words_for_one_service_work_for_it(stack: Stack, viewer: Shop) -> None:
    assert ["dashboard", "RUNNING"] in [line.split()[:2] for line in stack.run("ps").splitlines()]
    viewer.get("/rq/0/view/workers", headers={"X-Request-ID": "looked-at-the-workers"})
    eventually(lambda: "looked-at-the-workers" in stack.run("logs", "dashboard"), "line of the dashboard")

    stack.run("stop", "dashboard")
    problem(viewer.get("/rq/"), 502)
    stack.run("start", "dashboard")
    eventually(lambda: viewer.get("/rq/").status_code == 200, "the dashboard's page")


def test_it_is_found_without_the_slash(viewer: Shop) -> None:
    # A whole address would name the port that nginx has inside its container.
    assert viewer.get("/rq", allow_redirects=False).headers["Location"] == "/rq/"
    assert "RQ dashboard" in viewer.get("/rq").text


def test_a_queue_that_is_emptied_is_filled_again_by_the_relay(stack: Stack, viewer: Shop) -> None:
    with stopped(stack, "worker-orders"):
        user = viewer.create_user()
        [job] = eventually(lambda: jobs(viewer, "orders")[:1], "job in the queue")
        assert "→ orders" in job["description"]

        empty(viewer, "orders")

        eventually(lambda: [one for one in jobs(viewer, "orders") if one["id"] != job["id"]], "new job in its place")
    eventually(lambda: viewer.replica("users", user["id"]) == user, "user that was created meanwhile")


def test_queues_that_are_emptied_under_load_lose_nothing(stack: Stack, viewer: Shop) -> None:
    user, product = viewer.create_user()["id"], viewer.create_product(stock=100_000)["id"]
    viewer.when_settled()

    def order(_: int) -> None:
        client = Shop(stack.url)
        for _ in range(ORDERS_EACH):
            client.place_order(user, product)

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(order, number) for number in range(CLIENTS)]
        emptied = 0
        while not all(client.done() for client in clients):
            for queue in queues(viewer):
                empty(viewer, queue)
                emptied += 1
        for client in clients:
            client.result()
    viewer.when_settled()

    assert emptied > CLIENTS
    assert viewer.product(product)["stock"] == 100_000 - CLIENTS * ORDERS_EACH
    subprocess.run([sys.executable, "check.py", stack.url], cwd=ROOT, check=True)


class Intruder:
    """An object whose pickle makes a file when it is read.

    Args:
        path: of that file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_job_that_is_a_pickle_is_never_unpickled(stack: Stack, viewer: Shop, tmp_path: Path) -> None:
    trap = pickle.dumps(Intruder(tmp_path / "intruder"))
    redis = redis_of(stack)
    redis.hset("rq:job:trap", mapping={"data": trap, "meta": trap, "result": trap, "status": "queued", "origin": "x"})
    redis.sadd("rq:queues", "rq:queue:x")
    redis.rpush("rq:queue:x", "trap")

    assert viewer.get("/rq/0/view/job/trap").status_code == 200
    assert [job["id"] for job in jobs(viewer, "x")] == ["trap"]
    viewer.get("/rq/0/data/job/trap.json")
    viewer.post("/rq/job/trap/requeue")
    assert viewer.post("/rq/job/trap/delete").json() == {"status": "OK"}

    assert not (tmp_path / "intruder").exists()
    redis.srem("rq:queues", "rq:queue:x")


def test_while_redis_is_away_it_says_so_and_comes_back(stack: Stack, viewer: Shop) -> None:
    with stopped(stack, "redis"):
        assert "Redis" in problem(viewer.get("/rq/0/view/workers"), 503)["detail"]
    eventually(lambda: "orders" in queues(viewer), "queue after Redis came back")


def test_a_job_that_is_gone_is_404(viewer: Shop) -> None:
    problem(viewer.get("/rq/0/view/job/gone"), 404)
