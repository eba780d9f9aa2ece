"""What may be renewed without any error: queries where two processes serve, and the gateway's configuration."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.faults import QUERIES, running
from tests.chaos.reading import reading
from tests.chaos.test_kills import children
from tests.chaos.test_restarts import ending
from tests.shop import TIMEOUT_SECONDS
from tests.stack import ROOT
from tests.waiting import eventually

RELOADS = 5
TWICE = "orders-queries"


def test_queries_never_fail_while_the_processes_that_serve_them_are_replaced(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load, reading(town.stack.url) as statuses:
        for service in QUERIES:
            app = running(town.stack, service)
            before = children(app)
            os.kill(app, signal.SIGHUP)  # gunicorn starts new processes, then ends the old ones
            eventually(lambda app=app, old=before: not old & children(app), f"new processes of {service}")
            load.struck_by(f"processes of {service} replaced")

    assert statuses.keys() == {200}


def test_queries_never_fail_while_one_of_two_instances_of_their_app_restarts(town: Town, under_load: UnderLoad) -> None:
    with second_instance(town, TWICE) as socket:
        one = f"server unix:{town.stack.var}/run/{TWICE}.sock;"
        with (
            configured(town, one, f"{one} server unix:{socket};"),
            under_load() as load,
            reading(town.stack.url, "/api-queries/orders?limit=5") as statuses,
        ):
            for _ in range(2):
                with ending(town, TWICE):
                    pass
                load.struck_by(f"SIGTERM one of two {TWICE}")
                load.goes_on()

    assert statuses.keys() == {200}


def test_the_gateway_is_reloaded_without_a_refused_connection(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load, reading(town.stack.url, repeats=True) as statuses:
        for turn in range(RELOADS):
            with configured(town, '{"status":"up"}', f'{{"status":"up","turn":{turn}}}'):
                eventually(lambda turn=turn: health(town).get("turn") == turn, "new configuration")
            load.struck_by("nginx reloaded")
            load.goes_on(5)

    assert statuses.keys() == {200}
    # An old connection may be closed just as a command goes out on it; the ledger sees that none takes effect twice.
    assert load.answers.keys() <= {"200", "400", "none"}


def test_a_gateway_that_restarts_refuses_connections_for_a_moment(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load:
        with ending(town, "nginx"):
            pass
        load.struck_by("SIGTERM nginx")


def health(town: Town) -> dict[str, object]:
    """What the gateway says of itself, over a new connection."""
    answer: dict[str, object] = requests.get(f"{town.stack.url}/healthz", timeout=TIMEOUT_SECONDS).json()
    return answer


@contextmanager
def configured(town: Town, old: str, new: str) -> Iterator[None]:
    """Have something else in nginx's configuration inside the block; nginx reads it again before and after."""
    folder = ROOT / town.stack.var / "nginx"
    [file] = [path for path in folder.glob("*.conf") if old in path.read_text()]
    original = file.read_text()
    try:
        file.write_text(original.replace(old, new))
        os.kill(running(town.stack, "nginx"), signal.SIGHUP)
        yield
    finally:
        file.write_text(original)
        os.kill(running(town.stack, "nginx"), signal.SIGHUP)


@contextmanager
def second_instance(town: Town, service: str) -> Iterator[Path]:
    """Have a queries app run once more beside the first inside the block; gives its socket."""
    socket = town.stack.var / "run" / f"{service}-2.sock"
    environment = {"BIND": f"unix:{socket}", "DATA_DIR": f"{town.stack.var}/data", "PYTHONPATH": "."}
    program = [f"{os.path.dirname(sys.executable)}/gunicorn", "-c", "python:chassis.gunicorn_conf"]
    app = f"{service.partition('-')[0]}.api_queries:app"
    log = (ROOT / town.stack.var / "log" / f"{service}-2.log").open("w")
    with log, subprocess.Popen([*program, app], cwd=ROOT, env={**os.environ, **environment}, stderr=log) as process:
        try:
            eventually((ROOT / socket).exists, f"second {service}")
            yield socket
        finally:
            process.terminate()
