"""Idempotency-Key: a command that is sent again takes effect once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.e2e.problems import problem
from tests.shop import TIMEOUT_SECONDS, Shop, unique

NEW = {"name": "print", "description": "", "value": 1, "stock": 1}


def test_a_repeat_gets_the_first_answer_again(shop: Shop) -> None:
    key = {"Idempotency-Key": unique("key")}
    body = {"username": unique("user")}

    first = shop.post("/api-commands/users", body, headers=key)
    again = shop.post("/api-commands/users", body, headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"] == "application/json"


def test_a_repeat_creates_nothing(shop: Shop) -> None:
    key, body = {"Idempotency-Key": unique("key")}, {**NEW, "name": unique("print")}

    created = {shop.post("/api-commands/products", body, headers=key).json()["id"] for _ in range(3)}

    assert created == set(named(shop, body["name"]))


def test_another_key_is_another_command(shop: Shop) -> None:
    body = {**NEW, "name": unique("print")}

    for _ in range(2):
        shop.post("/api-commands/products", body, headers={"Idempotency-Key": unique("key")})

    assert len(named(shop, body["name"])) == 2


def test_the_same_key_with_another_body_is_422(shop: Shop) -> None:
    key = {"Idempotency-Key": unique("key")}
    shop.post("/api-commands/users", {"username": unique("user")}, headers=key)

    problem(shop.post("/api-commands/users", {"username": unique("user")}, headers=key), 422)


def test_a_repeat_while_the_first_still_runs_is_409(shop: Shop) -> None:
    headers = {"Idempotency-Key": unique("key"), "Prefer": "wait=2"}
    order = {"user": 2**31 - 1, "product": 2**31 - 1, "quantity": 1}

    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(post, shop.url + "/api-commands/orders", order, headers) for _ in range(2)]
    first, repeat = sorted((future.result() for future in asked), key=lambda answer: answer.status_code)

    problem(first, 400)  # what it waited for never came
    assert "still running" in problem(repeat, 409)["detail"]


def test_concurrent_repeats_create_one(shop: Shop) -> None:
    key, body = {"Idempotency-Key": unique("key")}, {**NEW, "name": unique("print")}

    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(post, shop.url + "/api-commands/products", body, key) for _ in range(12)]
    answers = [future.result() for future in asked]

    assert {answer.status_code for answer in answers} <= {200, 409}
    created = {answer.json()["id"] for answer in answers if answer.status_code == 200}
    assert created == set(named(shop, body["name"]))
    assert sum(answer.status_code == 200 and "Idempotency-Replayed" not in answer.headers for answer in answers) == 1


def test_a_refused_command_leaves_its_key_free(shop: Shop) -> None:
    key = {"Idempotency-Key": unique("key")}
    problem(shop.post("/api-commands/users", {"username": ""}, headers=key), 400)

    assert shop.post("/api-commands/users", {"username": unique("user")}, headers=key).status_code == 200


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "ñ".encode()])
def test_a_key_that_is_none_is_400(shop: Shop, key: str | bytes) -> None:
    body = {"username": unique("user")}

    assert (
        "Idempotency-Key"
        in problem(shop.post("/api-commands/users", body, headers={"Idempotency-Key": key}), 400)["detail"]
    )


def named(shop: Shop, name: str) -> list[int]:
    """The ids of the products with this name."""
    return [product["id"] for product in shop.get("/api-queries/products").json() if product["name"] == name]


def post(url: str, body: dict[str, Any], headers: dict[str, str]) -> requests.Response:
    """POST over a connection of its own, as another thread must."""
    return requests.post(url, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
