"""Health: of the gateway through its port, of each app beside it."""

from __future__ import annotations

import json
import os
import socket
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.e2e.problems import problem
from tests.e2e.services import stopped
from tests.shop import Shop
from tests.stack import ROOT, Stack

APPS = [f"{domain}-{side}" for domain in ("users", "products", "orders") for side in ("commands", "queries")]


def test_the_gateway_tells_its_own_health(shop: Shop) -> None:
    answer = shop.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    assert answer.headers["Content-Type"] == "application/json"


def test_readiness_is_not_told_through_the_gateway(shop: Shop) -> None:
    problem(shop.get("/readyz"), 404)


@pytest.mark.parametrize("app", APPS)
def test_each_app_is_alive_and_ready(stack: Stack, app: str) -> None:
    assert ask(stack, app, "/healthz") == (200, {"status": "up"})
    assert ask(stack, app, "/readyz") == (200, {"database": "up", "redis": "up"})


def test_an_app_is_ready_while_redis_is_down_and_says_so(stack: Stack) -> None:
    with stopped(stack, "redis"):
        answers = [ask(stack, app, "/readyz") for app in APPS]

    assert answers == [(200, {"database": "up", "redis": "down"})] * len(APPS)


def test_queries_are_alive_but_not_ready_without_their_database(stack: Stack, own_shop: Shop) -> None:
    data = ROOT / stack.var / "data"
    with stopped(stack, "users-commands", "users-relay"):
        (data / "users.db").rename(data / "away.db")
        try:
            alive, ready = ask(stack, "users-queries", "/healthz"), ask(stack, "users-queries", "/readyz")
            answer = own_shop.get("/api-queries/users")
        finally:
            (data / "away.db").rename(data / "users.db")

    assert (alive[0], ready) == (200, (503, {"database": "down", "redis": "up"}))
    problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def ask(stack: Stack, app: str, path: str) -> tuple[int, Any]:
    """The status and body of an app's answer, which the gateway does not pass on."""
    connection = HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(10)
    # Relative, since the path of a Unix socket may have only 104 bytes.
    connection.sock.connect(os.path.relpath(ROOT / stack.var / "run" / f"{app}.sock"))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
