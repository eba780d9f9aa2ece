"""The words of run.sh, each as a user would say it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest

from local.processes import SERVICES
from tests.e2e.conftest import skip_on_a_given_suite
from tests.e2e.problems import problem
from tests.shop import Shop
from tests.stack import ROOT, START_SECONDS, Stack
from tests.waiting import eventually


@pytest.fixture(scope="module")
def town() -> Iterator[Stack]:
    """A stack that is started and stopped; the tests leave it running, but for the last two."""
    skip_on_a_given_suite()
    town = Stack("run-sh")
    try:
        town.up()
        yield town
    finally:
        town.run("down", "-v")


def test_up_prints_the_address_and_a_first_curl_that_works(town: Stack) -> None:
    printed = town.run("up", "-d")

    assert f"http://localhost:{town.port}" in printed
    [curl] = [line for line in printed.splitlines() if line.strip().startswith("curl") and "-d" not in line]
    assert subprocess.run(["bash", "-c", curl], text=True, stdout=subprocess.PIPE).stdout.startswith("[")


def test_nginx_finds_nothing_wrong_with_what_it_is_started_with(town: Stack) -> None:
    assert re.findall(r"\[(?:warn|emerg)\].*", town.log("nginx")) == []


def test_ps_lists_every_service_and_that_it_runs(town: Stack) -> None:
    rows = [line.split()[:2] for line in town.run("ps").splitlines()]

    assert {name for name, _ in rows} == set(SERVICES)
    assert {state for _, state in rows} == {"RUNNING"}


def test_logs_shows_all_services_or_one(town: Stack) -> None:
    Shop(town.url).create_user()

    assert "users-commands.log" in town.run("logs")
    eventually(lambda: "applied #" in town.run("logs", "worker-orders"), "line of the worker")
    assert "users-commands" not in town.run("logs", "worker-orders")


def test_a_stopped_service_is_missed_until_it_is_started(town: Stack) -> None:
    town.run("stop", "users-queries")
    try:
        problem(Shop(town.url).get("/api-queries/users"), 502)
        assert ["users-queries", "STOPPED"] in [line.split()[:2] for line in town.run("ps").splitlines()]
    finally:
        town.run("start", "users-queries")

    eventually(lambda: Shop(town.url).get("/api-queries/users").status_code == 200, "answer")


@pytest.mark.parametrize(
    ("word", "service"),
    [("restart", "users-queries"), *(("kill", name) for name in ("users-queries", "nginx", "redis", "worker-orders"))],
)
def test_a_service_comes_back_after_a_restart_or_a_kill(town: Stack, word: str, service: str) -> None:
    before = town.pid(service)

    town.run(word, service)

    eventually(lambda: town.pid(service) not in (0, before), "new process")
    shop = Shop(town.url)
    eventually(lambda: shop.get("/api-queries/users").status_code == 200, "answer")
    user = shop.create_user()
    eventually(lambda: shop.replica("users", user["id"]) == user, "message that was delivered")


def test_up_starts_what_was_stopped(town: Stack) -> None:
    town.run("stop", "users-queries")

    town.run("up", "-d")

    assert Shop(town.url).get("/api-queries/users").status_code == 200


def test_down_keeps_the_data(town: Stack) -> None:
    user = Shop(town.url).create_user()

    town.run("down")

    assert "not running" in call(town, "ps").stdout
    town.run("up", "-d")
    assert Shop(town.url).get(f"/api-queries/users/{user['id']}").json() == user


def test_a_taken_port_is_told_with_the_setting_that_moves_it(town: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = call(town, "up", "-d", VAR=f"{town.var}-taken", GATEWAY_PORT=str(port))

    assert refused.returncode == 1
    assert f"port {port} is taken" in refused.stdout
    assert "GATEWAY_PORT=" in refused.stdout


@pytest.mark.parametrize("words", [["stop", "prodcuts"], ["logs", "prodcuts"], ["kill", "prodcuts"], ["restart"]])
def test_a_service_that_is_none_is_refused_and_the_services_are_named(town: Stack, words: list[str]) -> None:
    refused = call(town, *words)

    assert refused.returncode == 1
    assert set(refused.stdout.rpartition(":")[2].split()) == set(SERVICES)


def test_an_unknown_word_is_2_and_told_how_to_use_it(town: Stack) -> None:
    refused = call(town, "launch")

    assert refused.returncode == 2
    assert "./run.sh up -d" in refused.stdout


def test_a_setting_that_has_changed_starts_the_suite_again(town: Stack) -> None:
    assert "the settings have changed" in call(town, "up", "-d", LOG_LEVEL="DEBUG").stdout
    assert "DEBUG" in (ROOT / town.var / "run" / "started").read_text()


def test_up_in_the_foreground_ends_with_ctrl_c(town: Stack) -> None:
    town.run("down")
    environment = {**os.environ, "VAR": str(town.var), "GATEWAY_PORT": str(town.port)}
    foreground = subprocess.Popen(
        ["./run.sh"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        # What runs the tests may ignore Ctrl-C, and a shell cannot trap what was ignored when it began.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert foreground.stdout is not None
    eventually(lambda: "Foto Alpes answers" in foreground.stdout.readline(), "address")
    assert Shop(town.url).get("/healthz").status_code == 200

    os.killpg(foreground.pid, signal.SIGINT)  # to all in the foreground, as a terminal does

    assert foreground.wait(60) == 0
    assert "not running" in call(town, "ps").stdout


def test_down_v_deletes_the_data(town: Stack) -> None:
    data = ROOT / town.var / "data"
    assert (data / "users.db").exists()

    town.run("down", "-v")

    assert not data.exists()


def call(stack: Stack, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Call run.sh, which may refuse."""
    environment = {**os.environ, "VAR": str(stack.var), "GATEWAY_PORT": str(stack.port), **settings}
    return subprocess.run(
        ["./run.sh", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=START_SECONDS,
    )
