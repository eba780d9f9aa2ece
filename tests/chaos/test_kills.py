"""Processes that are killed with -9 under load: supervisor starts them again, and nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.faults import COMMANDS, QUERIES, RELAYS, WORKERS, kill, kill_in_the_middle, running
from tests.shop import Shop
from tests.waiting import eventually

TIMES = 2
# How often a process is killed: PUTs go to the first app, and were the ones that were once sent twice.
KILLED_ALONE = {"products-commands": 10, "orders-commands": 4, "orders-queries": 6}


@pytest.mark.parametrize(
    "services",
    [COMMANDS, QUERIES, RELAYS, WORKERS, ("redis",), ("nginx",)],
    ids=["commands apps", "queries apps", "relays", "workers", "redis", "nginx"],
)
def test_each_kind_of_process_may_be_killed(town: Town, under_load: UnderLoad, services: tuple[str, ...]) -> None:
    with under_load() as load:
        for service in services * TIMES:
            kill(town.stack, service)
            load.struck_by(f"kill -9 {service}")
            load.goes_on()


@pytest.mark.parametrize(
    ("service", "queue"),
    [
        ("worker-orders", "orders"),
        ("worker-products", "products"),
        ("orders-relay", "products"),
        ("products-relay", "orders"),
        ("redis", "orders"),
    ],
)
def test_a_process_may_be_killed_in_the_middle_of_a_batch(
    town: Town, under_load: UnderLoad, service: str, queue: str
) -> None:
    with under_load(pace=0) as load:
        for _ in range(TIMES):
            kill_in_the_middle(town.stack, service, queue)
            load.struck_by(f"kill -9 {service} in a batch")
            load.goes_on()


def test_a_process_of_an_app_may_be_killed_alone(town: Town, under_load: UnderLoad) -> None:
    beside = Shop(town.stack.url)
    with under_load(pace=0) as load:
        for service, times in KILLED_ALONE.items():
            for _ in range(times):
                os.kill(min(children(running(town.stack, service))), signal.SIGKILL)
                load.struck_by(f"kill -9 one process of {service}")
                for _ in range(20):
                    assert beside.get("/api-queries/orders?limit=5").status_code == 200
                load.goes_on()

    assert sent_twice(town) == [], "a process that died may have done what it was sent"


def test_the_master_of_nginx_may_be_killed_alone(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load:
        master = running(town.stack, "nginx")
        [orphan] = children(master)
        os.kill(master, signal.SIGKILL)
        load.struck_by("kill -9 the master of nginx")
        # One that cannot bind the port, since the orphan holds it, starts no child.
        eventually(lambda: children(running(town.stack, "nginx")) - {orphan}, "new nginx that serves")
        load.goes_on()


def sent_twice(town: Town) -> list[str]:
    """The commands that the gateway sent to a second process by itself: it logs an upstream for each try."""
    lines = town.stack.log("nginx").splitlines()
    return [line for line in lines if line.partition(" upstream=")[2].count("-commands.sock") > 1]


def children(pid: int) -> set[int]:
    """The children of a process, such as gunicorn's workers."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], text=True, stdout=subprocess.PIPE, check=True).stdout
    return {int(child) for child, parent in map(str.split, listed.splitlines()) if int(parent) == pid}
