"""Prefer: wait=N (RFC 7240): an order waits for its user and product to arrive by replication."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.problems import problem
from tests.e2e.services import stopped
from tests.shop import Shop
from tests.stack import Stack

NOWHERE = 2**31 - 1
# More than a process would have threads.
WAITING = 40


def test_without_the_header_an_unknown_user_is_400_at_once(shop: Shop) -> None:
    assert seconds_to_refuse(shop, {}) < 1


@pytest.mark.parametrize("value", ["wait=1", "respond-async, wait=1", 'wait="1"', "WAIT = 1"])
def test_what_never_arrives_is_400_after_the_time(shop: Shop, value: str) -> None:
    assert 1 <= seconds_to_refuse(shop, {"Prefer": value}) < 5


@pytest.mark.parametrize("value", ["wait", "wait=", "wait=-5", "wait=soon", "respond-async", "x-wait=5", "wait=0"])
def test_a_preference_that_is_no_time_is_no_wait(shop: Shop, value: str) -> None:
    assert seconds_to_refuse(shop, {"Prefer": value}) < 1


def test_an_order_waits_until_its_user_and_product_arrive(stack: Stack, own_shop: Shop) -> None:
    with ThreadPoolExecutor() as pool:
        with stopped(stack, "users-relay", "products-relay"):
            user, product = own_shop.create_user(), own_shop.create_product()
            body = {"user": user["id"], "product": product["id"], "quantity": 1}
            problem(own_shop.post("/api-commands/orders", body), 400)
            waiting = pool.submit(Shop(stack.url).place_order, user["id"], product["id"])

        assert waiting.result()["state"] == "processing"


def test_while_many_clients_wait_others_are_answered(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product()
    with ThreadPoolExecutor(WAITING) as pool:
        waiting = [pool.submit(seconds_to_refuse, Shop(shop.url), {"Prefer": "wait=10"}) for _ in range(WAITING)]
        shop.place_order(user["id"], product["id"])
        assert not any(one.done() for one in waiting), "a client that waits was answered, or held up another"

    assert all(one.result() >= 10 for one in waiting)


def seconds_to_refuse(shop: Shop, headers: dict[str, str]) -> float:
    """How long the refusal of an order of an unknown user takes."""
    began = time.monotonic()
    problem(
        shop.post("/api-commands/orders", {"user": NOWHERE, "product": NOWHERE, "quantity": 1}, headers=headers), 400
    )
    return time.monotonic() - began
