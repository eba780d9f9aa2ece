"""Many clients at once: nothing is lost, nothing is doubled, nothing is locked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

from tests.shop import Shop, unique
from tests.stack import ROOT, Stack, free_port
from tests.waiting import eventually

CLIENTS, ORDERS_EACH = 4, 250


def test_a_thousand_orders_with_puts_in_between_add_up(shop: Shop) -> None:
    user = shop.create_user()
    products = [shop.create_product(stock=60) for _ in range(5)]

    def be_a_client(number: int) -> list[int]:
        client, placed = Shop(shop.url), []
        for turn in range(ORDERS_EACH):
            product = products[(number + turn) % len(products)]
            placed.append(client.place_order(user["id"], product["id"], 1 + turn % 3)["id"])
            if turn % 10 == number:
                client.change_product(product["id"], stock=turn % 50, value=turn)
        return placed

    with ThreadPoolExecutor(CLIENTS) as pool:
        placed = [id for client in pool.map(be_a_client, range(CLIENTS)) for id in client]

    checked = subprocess.run([sys.executable, "check.py", shop.url], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    assert checked.returncode == 0, checked.stdout
    listed = shop.get("/api-queries/orders").json()  # more than are streamed at once
    assert all(first["id"] < second["id"] for first, second in pairwise(listed))
    states = Counter(order["state"] for order in listed if order["id"] in set(placed))
    assert states.total() == CLIENTS * ORDERS_EACH
    assert states.keys() == {"completed", "failed"}, "both, or this shows little"


def test_two_commands_apps_and_two_workers_on_one_file_are_never_locked(stack: Stack, own_shop: Shop) -> None:
    user, product = own_shop.create_user(), own_shop.create_product(stock=150)
    own_shop.when_settled()
    port = free_port()

    def order_fifty(url: str) -> None:
        client = Shop(url)
        for _ in range(50):
            client.place_order(user["id"], product["id"])

    with (
        another(stack, "gunicorn", "-c", "python:chassis.gunicorn_conf", "orders.api_commands:app", port=port) as app,
        another(stack, "flask", "--app", "orders.base", "worker") as worker,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        beside = Shop(f"http://127.0.0.1:{port}")
        eventually(lambda: beside.get("/readyz").status_code == 200, "second commands app")
        eventually(lambda: "working on the queue" in worker.read(), "second worker")
        list(pool.map(order_fifty, [stack.url, beside.url] * 2))  # raises what a client saw
        own_shop.when_settled()
        logged = app.read() + worker.read() + stack.log("orders-commands") + stack.log("worker-orders")

    assert own_shop.product(product["id"])["stock"] == 0
    assert "applied #" in worker.read(), "the second worker has worked"
    assert "locked" not in logged
    assert "busy" not in logged


class Log:
    """What a process of ours has said."""

    def __init__(self, name: str) -> None:
        self.path = ROOT / name

    def read(self) -> str:
        """All of it."""
        return self.path.read_text()


@contextmanager
def another(stack: Stack, *command: str, port: int = 0) -> Iterator[Log]:
    """Have one more process on the stack's databases inside the block."""
    var = stack.var
    environment = {"DATA_DIR": f"{var}/data", "REDIS_URL": f"unix://?path={var}/run/redis.sock", "PYTHONPATH": "."}
    environment |= {"BIND": f"127.0.0.1:{port}", "PYTHONUNBUFFERED": "1"}
    log = Log(f"{var}/log/{unique('another')}.log")
    program = [f"{os.path.dirname(sys.executable)}/{command[0]}", *command[1:]]
    with log.path.open("w") as output:
        process = subprocess.Popen(program, cwd=ROOT, env={**os.environ, **environment}, stderr=output)
    try:
        yield log
    finally:
        process.terminate()
        process.wait(20)
