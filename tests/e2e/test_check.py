"""check.py: 0 where all is well, 1 and a name where something is broken, 2 where nothing answers."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import check
from tests.e2e.services import stopped
from tests.shop import Shop
from tests.stack import Stack, free_port

USER = {"id": 1, "username": "ana"}
PRODUCT = {"id": 1, "name": "print", "description": "", "value": 5, "stock": 7}
ROWS: dict[str, dict[str, Any]] = {"users": USER, "products": PRODUCT}
COMPLETED = {"id": 1, "user": 1, "product": 1, "quantity": 3, "state": "completed", "reason": None}
FAILED = {"id": 2, "user": 1, "product": 1, "quantity": 9, "state": "failed", "reason": "only 7 in stock, 9 ordered"}
QUIET = {"outgoing": [{"receiver": "orders", "last": 4, "acknowledged": 4, "oldest_age": None}], "incoming": []}

HEALTHY: dict[str, Any] = {
    "/api-queries/users": [USER],
    "/api-queries/products": [PRODUCT],
    "/api-queries/products/ledger": [{"id": 1, "stock": 7, "supplied": 10}],
    "/api-queries/orders": [COMPLETED, FAILED],
    **{
        f"/api-queries/{holder}/replicas/{kind}": [{name: ROWS[kind][name] for name in members or ROWS[kind]}]
        for kind, holder, members in check.COPIES
    },
    "/api-queries/orders/replicas/products": [{**PRODUCT, "reserved": 0}],
    **{f"/api-queries/{name}/streams": {**QUIET, "dead_letters": 0} for name in check.SERVICES},
}
# What is broken: where, by what, and what is said of it.
BROKEN = {
    "another stock": (
        "/orders/replicas/products",
        [{**PRODUCT, "stock": 6, "reserved": 0}],
        "product 1: stock 7, replica 6",
    ),
    "a promise that stays": ("/orders/replicas/products", [{**PRODUCT, "reserved": 2}], "product 1: 2 still reserved"),
    "a sale that was lost": ("/orders", [FAILED], "supplied 10 − sold 0 ≠ stock 7"),
    "a stock below 0": ("/products", [{**PRODUCT, "stock": -1}], "product 1: stock -1"),
    "an order without end": ("/orders", [COMPLETED, {**FAILED, "state": "processing"}], "order 2 is processing"),
    "a failure without reason": ("/orders", [COMPLETED, {**FAILED, "reason": None}], "order 2 failed without a reason"),
    "a lost copy": (
        "/orders/replicas/users",
        [],
        "user 1: {'id': 1, 'username': 'ana'} is copied by orders as None",
    ),
    "another name": ("/orders/replicas/users", [{**USER, "username": "eva"}], "'username': 'eva'"),
    "a copy of nothing": (
        "/orders/replicas/users",
        [USER, {**USER, "id": 2}],
        "user 2: copied by orders, but there is no original",
    ),
    "a dead letter": ("/products/streams", {**QUIET, "dead_letters": 1}, "products has 1 dead letters"),
    "a stream that waits": (
        "/users/streams",
        {"outgoing": [{**QUIET["outgoing"][0], "acknowledged": 3, "oldest_age": 8}], "incoming": [], "dead_letters": 0},
        "users → orders: 3 of 4 acknowledged, the oldest waits 8 s",
    ),
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a suite is made to tell of itself, for check.py without its patience."""
    told = copy.deepcopy(HEALTHY)
    monkeypatch.setattr(check, "get", lambda url: told[url.removeprefix("http://suite")])
    monkeypatch.setattr(check, "PATIENCE_SECONDS", 0)
    return told


def test_a_healthy_suite_is_0_and_four_lines(told: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main("http://suite") == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in lines] == ["ok   1", "ok   2", "ok   3", "ok   4"]
    assert "supplied 10 − sold 3 = 7" in lines[0]
    assert "2 orders, 1 completed, 1 failed" in lines[1]


@pytest.mark.parametrize(("path", "answer", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_1_and_named(
    told: dict[str, Any], capsys: pytest.CaptureFixture[str], path: str, answer: Any, said: str
) -> None:
    told["/api-queries" + path] = answer

    assert check.main("http://suite") == 1

    printed = capsys.readouterr().out
    assert "FAIL" in printed
    assert said in printed


def test_sums_are_not_asked_of_a_suite_that_lost_a_database(
    told: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    lost = {"sender": "orders", "applied": 4, "left_epochs": 1}
    told["/api-queries/products/streams"]["incoming"] = [lost]
    told["/api-queries/orders"] = []

    assert check.main("http://suite") == 0

    assert "sums not checked: the database of orders was lost or restored" in capsys.readouterr().out


def test_a_worker_that_is_stopped_is_seen(
    stack: Stack, own_shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "PATIENCE_SECONDS", 0)
    with stopped(stack, "worker-orders"):
        user = own_shop.create_user()

        assert check.main(stack.url) == 1

    printed = capsys.readouterr().out
    assert f"user {user['id']}: {user} is copied by orders as None" in printed
    assert "users → orders: " in printed


def test_a_suite_is_given_time_to_settle(stack: Stack, own_shop: Shop) -> None:
    with stopped(stack, "worker-orders"):
        own_shop.create_user()

    assert check.main(stack.url) == 0


def test_where_nothing_answers_it_is_2_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "PATIENCE_SECONDS", 0)

    assert check.main(f"http://127.0.0.1:{free_port()}") == 2

    assert "Is the suite running?" in capsys.readouterr().out
