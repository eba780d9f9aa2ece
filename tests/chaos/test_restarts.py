"""Rolling restarts under load: what is in hand is finished, and clients are asked to try again at most."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from local.processes import SERVICES
from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.faults import QUERIES, running
from tests.chaos.test_kills import children
from tests.shop import Shop
from tests.waiting import eventually


def test_all_services_but_the_gateway_restart_one_at_a_time_and_the_gateway_always_answers(
    town: Town, under_load: UnderLoad
) -> None:
    with under_load() as load, reading(town) as statuses:
        for service in SERVICES:
            if service != "nginx":
                town.stack.run("restart", service)
                load.struck_by(f"restart {service}")
                load.goes_on()

    assert statuses.keys() <= {200, 502, 503, 504}
    assert load.answers["none"] == 0


def test_the_gateway_restarts(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load:
        town.stack.run("restart", "nginx")
        load.struck_by("restart nginx")


def test_queries_never_fail_while_the_processes_that_serve_them_are_replaced(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load, reading(town) as statuses:
        for service in QUERIES:
            app = running(town.stack, service)
            before = children(app)
            os.kill(app, signal.SIGHUP)  # gunicorn starts new processes, then ends the old ones
            eventually(lambda app=app, old=before: not old & children(app), f"new processes of {service}")
            load.struck_by(f"processes of {service} replaced")

    assert statuses.keys() == {200}


@contextmanager
def reading(town: Town) -> Iterator[Counter[int]]:
    """Read from all query sides inside the block; the statuses that were answered, 0 for no answer."""
    statuses, done = Counter[int](), threading.Event()

    def read() -> None:
        shop = Shop(town.stack.url)
        while not done.is_set():
            for name in ("users", "products", "orders"):
                try:
                    answer = shop.get(f"/api-queries/{name}?limit=5")
                except requests.RequestException:
                    statuses[0] += 1
                    continue
                statuses[answer.status_code] += 1

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield statuses
    finally:
        done.set()
        thread.join()
