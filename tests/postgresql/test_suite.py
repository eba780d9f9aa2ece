"""The suite on PostgreSQL: what the end-to-end tests say holds there too, and outlives the server's faults."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import check
from tests.e2e.services import stopped
from tests.e2e.test_faults import test_kills_in_the_middle_of_the_work_lose_and_double_nothing  # noqa: F401 - run here too
from tests.e2e.test_load import test_two_commands_apps_and_two_workers_on_one_file_are_never_locked  # noqa: F401
from tests.postgresql.cluster import Cluster
from tests.shop import Shop, unique
from tests.stack import ROOT, Stack
from tests.waiting import eventually

ORDERS = "fotoalpes_orders"
OF_ORDERS = ("orders-commands", "orders-queries", "orders-relay", "worker-orders")

# A list of this many rows is some 10 MB of JSON; a process that held it all at once would grow by more than that.
ROWS, MAY_GROW_KB = 200_000, 8 * 1024


@pytest.fixture
def own_shop(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A customer of the suite; a test's further processes have the suite's databases."""
    monkeypatch.setenv("DATABASE_URL", stack.environment["DATABASE_URL"])
    return Shop(stack.url)


def checked(stack: Stack) -> None:
    """The invariants hold."""
    Shop(stack.url).when_settled()
    assert [finding.broken for finding in check.examine(stack.url)] == [[], [], [], []]


def test_the_end_to_end_tests_pass(stack: Stack) -> None:
    command = [sys.executable, "-m", "pytest", "tests/e2e", "-q", "--no-header", "-p", "no:cacheprovider"]
    environment = {**os.environ, "GATEWAY_URL": stack.url}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE)

    assert done.returncode == 0, done.stdout[-10_000:]
    checked(stack)


@contextmanager
def customers(stack: Stack) -> Iterator[list[int]]:
    """Have orders placed inside the block, those that are refused again and again; gives those that were accepted."""
    shop, accepted, done = Shop(stack.url), list[int](), threading.Event()
    body = {"user": shop.create_user()["id"], "product": shop.create_product(stock=100_000)["id"], "quantity": 1}
    shop.when_settled()

    def order() -> None:
        client = Shop(stack.url)
        while not done.is_set():
            answer = client.post("/api-commands/orders", body)
            if answer.status_code == 200:
                accepted.append(answer.json()["id"])
            else:
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0

    failed: list[BaseException] = []
    before = threading.excepthook
    threading.excepthook = lambda told: failed.append(told.exc_value or SystemExit())
    threads = [threading.Thread(target=order) for _ in range(3)]
    try:
        for thread in threads:
            thread.start()
        yield accepted
    finally:
        done.set()
        for thread in threads:
            thread.join()
        threading.excepthook = before
    assert not failed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_a_server_that_goes_under_load_loses_and_doubles_nothing(
    stack: Stack, cluster: Cluster, number: signal.Signals
) -> None:
    with customers(stack) as accepted:
        eventually(lambda: len(accepted) > 20, "orders before")
        cluster.stop(number)
        cluster.start()
        before = len(accepted)
        eventually(lambda: len(accepted) > before + 20, "orders after")

    shop = Shop(stack.url)
    eventually(lambda: all(shop.order(id)["state"] == "completed" for id in accepted), "every accepted order")
    assert len(set(accepted)) == len(accepted)
    checked(stack)


def test_an_older_copy_of_orders_is_mended_by_the_messages(stack: Stack, cluster: Cluster, own_shop: Shop) -> None:
    user, product = own_shop.create_user(), own_shop.create_product(stock=10)
    kept = own_shop.place_order(user["id"], product["id"])
    own_shop.when_settled()
    cluster.run("pg_dump", "--format=custom", "--file=copy", ORDERS)
    own_shop.change_product(product["id"], name="renamed")
    lost = own_shop.place_order(user["id"], product["id"])
    own_shop.when_settled()
    with stopped(stack, *OF_ORDERS):
        cluster.run("pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={ORDERS}", "copy")

    eventually(lambda: own_shop.order(kept["id"])["state"] == "completed", "orders")
    assert own_shop.get(f"/api-queries/orders/{lost['id']}").status_code == 404
    eventually(lambda: own_shop.replica("products", product["id"])["name"] == "renamed", "what came after the copy")
    again = own_shop.place_order(user["id"], product["id"])
    eventually(lambda: own_shop.order(again["id"])["state"] == "completed", "order after")
    checked(stack)


def test_a_database_that_is_lost_under_the_running_suite_is_filled_again(
    stack: Stack, cluster: Cluster, own_shop: Shop
) -> None:
    user, product = own_shop.create_user(), own_shop.create_product(stock=10)
    own_shop.place_order(user["id"], product["id"], 4)
    own_shop.when_settled()
    cluster.create(ORDERS)

    eventually(lambda: own_shop.get("/api-queries/orders").json() == [], "empty database")
    eventually(lambda: own_shop.replica("users", user["id"]) == user, "user")
    eventually(lambda: (own_shop.replica("products", product["id"]) or {}).get("stock") == 6, "product")
    checked(stack)


def test_a_long_list_is_not_held_in_memory(stack: Stack, cluster: Cluster, own_shop: Shop) -> None:
    with cluster.connect("fotoalpes_users") as connection:
        filling = "INSERT INTO users (username) SELECT %s || n FROM generate_series(1, %s) AS n"
        connection.execute(filling, (unique("many"), ROWS))
    try:
        own_shop.get("/api-queries/users", params={"limit": 1000})
        before = memory(stack, "users-queries")
        listed = own_shop.get("/api-queries/users")

        assert len(listed.json()) >= ROWS
        assert memory(stack, "users-queries") - before < MAY_GROW_KB
    finally:
        with cluster.connect("fotoalpes_users") as connection:
            connection.execute("DELETE FROM users WHERE username LIKE 'many%'")


def memory(stack: Stack, service: str) -> int:
    """The most that one process of a service has ever had, in KB."""
    pid = stack.pid(service)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    statuses = [Path(f"/proc/{child}/status").read_text() for child in children]
    return max(int(status.partition("VmHWM:")[2].split()[0]) for status in statuses)
