"""What a user may do to running containers, and what may happen to them: nothing is lost or done twice."""

from __future__ import annotations

import socket
import sys
import time

import pytest

from local.processes import SERVICES
from tests.containers.compose import PROJECT, Compose, call
from tests.containers.load import Load
from tests.shop import Shop
from tests.stack import ROOT
from tests.waiting import eventually

# nginx asks for a name again after 2 s; a container that is made anew is found within this time.
FOUND_AGAIN_SECONDS = 5

# Without Redis there is no such name; asking for it takes a second, and would take ten without `dns_opt`.
SOON_SECONDS = 5
ASK_READYZ = r"exec 3<>/dev/tcp/127.0.0.1/5000; printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3; cat <&3"


def check(suite: Compose) -> None:
    call(sys.executable, "check.py", suite.url)


@pytest.mark.timeout(600)
def test_each_container_that_is_killed_under_load_comes_back_by_itself(suite: Compose) -> None:
    with Load(suite.url) as load:
        for service in SERVICES:
            container = suite.container(service)
            before, placed = container.restarts(), load.placed
            container.kill()
            container.comes_back(before + 1)
            eventually(lambda placed=placed: load.placed > placed, "another order")

    load.check()
    check(suite)
    eventually(lambda: all(container.is_well() for container in suite.containers()), "healthy containers")


def test_the_processes_of_a_container_may_be_killed_from_inside(suite: Compose) -> None:
    container = suite.container("orders-relay")
    before = container.restarts()

    suite.run("exec", "-T", "orders-relay", "bash", "-c", "kill -KILL -1")

    container.comes_back(before + 1)


def test_orders_wait_for_a_worker_that_is_stopped(suite: Compose, shop: Shop) -> None:
    user, product = shop.create_user()["id"], shop.create_product(stock=1000)["id"]
    shop.place_order(user, product)
    suite.run("stop", "worker-orders")
    for _ in range(500):
        shop.place_order(user, product)

    suite.run("start", "worker-orders")

    shop.when_settled()
    assert shop.product(product)["stock"] == 1000 - 501
    check(suite)


@pytest.mark.timeout(600)
def test_several_workers_and_apps_keep_order_and_do_everything_once(suite: Compose, shop: Shop) -> None:
    product = shop.create_product(name="first")["id"]
    suite.up("--no-recreate", "--scale", "worker-orders=3", "--scale", "orders-commands=2")
    assert [len(suite.containers(service)) for service in ("worker-orders", "orders-commands")] == [3, 2]
    with Load(suite.url, customers=4) as load:
        for number in range(200):
            shop.change_product(product, name=f"name {number}")
        eventually(lambda: load.placed > 500, "500 orders")

    load.check()
    assert shop.replica("products", product) == {**shop.product(product), "name": "name 199", "reserved": 0}
    check(suite)
    suite.up("--no-recreate", "--scale", "worker-orders=1", "--scale", "orders-commands=1")


def test_a_container_with_another_address_is_found_by_nginx(suite: Compose) -> None:
    old = address(suite)
    eventually(lambda: answers_everywhere(suite), "answers of all nginx's processes")
    suite.run("rm", "-sf", "users-queries")
    # Something else takes the address, or the next one.
    taker = call("docker", "run", "-d", f"--network={PROJECT}_web", "redis:7.4-bookworm").strip()
    try:
        suite.run("up", "-d", "--no-deps", "users-queries")
        assert address(suite) != old
        eventually(lambda: suite.container("users-queries").bash("true >/dev/tcp/127.0.0.1/5000") == "", "open port")
        eventually(lambda: answers_everywhere(suite), "answers", FOUND_AGAIN_SECONDS)
    finally:
        call("docker", "rm", "-f", "-v", taker)


def answers_everywhere(suite: Compose) -> bool:
    """Whether requests on many connections are answered; each process of nginx remembers addresses by itself."""
    return all(Shop(suite.url).get("/api-queries/users?limit=1").status_code == 200 for _ in range(40))


def address(suite: Compose) -> str:
    return suite.container("users-queries").networks()["web"]


def test_redis_may_be_paused(suite: Compose, shop: Shop) -> None:
    user, product = shop.create_user()["id"], shop.create_product(stock=100)["id"]
    shop.place_order(user, product)
    suite.run("pause", "redis")
    for _ in range(20):
        shop.place_order(user, product)
    assert not shop.settled()

    suite.run("unpause", "redis")

    shop.when_settled()
    assert shop.product(product)["stock"] == 100 - 21
    check(suite)


def test_apps_stay_ready_while_redis_is_stopped(suite: Compose, shop: Shop) -> None:
    suite.run("stop", "redis")
    try:
        for service in ("orders-commands", "orders-queries"):
            began = time.monotonic()
            answer = suite.container(service).bash(ASK_READYZ)
            assert time.monotonic() - began < SOON_SECONDS
            assert "200 OK" in answer
            assert '"redis":"down"' in answer
        created = shop.create_user()
    finally:
        suite.run("start", "redis")

    eventually(lambda: shop.replica("users", created["id"]), "replica of the user")


def test_data_survive_down_and_up(suite: Compose, shop: Shop) -> None:
    user, product = shop.create_user()["id"], shop.create_product()["id"]
    order = shop.place_order(user, product)["id"]
    shop.when_settled()
    before = shop.order(order)

    suite.run("down")
    suite.up()
    suite.ready()

    assert shop.order(order) == before
    check(suite)


def test_a_port_that_is_taken_is_named_and_another_one_helps(suite: Compose) -> None:
    docs = (ROOT / "docs" / "containers.md").read_text()
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        message = suite.run("up", "-d", "nginx", fails=True, GATEWAY_PORT=port)

    assert f":{port}: bind: address already in use" in message
    assert "bind: address already in use" in docs  # where it stands beside GATEWAY_PORT

    suite.up()
    suite.ready()
