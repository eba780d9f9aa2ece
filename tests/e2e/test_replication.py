"""What orders copies, and how orders and products agree on the stock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.services import stopped
from tests.shop import Shop, unique
from tests.stack import Stack
from tests.waiting import eventually


def test_a_user_is_copied(shop: Shop) -> None:
    user = shop.create_user()

    eventually(lambda: shop.replica("users", user["id"]) == user, "copy of the user")


@pytest.mark.parametrize("change", [{"name": "renamed"}, {"description": "new"}, {"value": 7}, {"stock": 3}], ids=str)
def test_a_change_of_a_product_reaches_its_copy(shop: Shop, change: dict[str, Any]) -> None:
    product = shop.create_product()
    eventually(lambda: shop.replica("products", product["id"]) == {**product, "reserved": 0}, "copy of the product")

    shop.change_product(product["id"], **change)

    changed = {**product, **change, "reserved": 0}
    eventually(lambda: shop.replica("products", product["id"]) == changed, "changed copy")


def test_an_order_is_read_with_the_new_name_of_its_product(shop: Shop) -> None:
    product = shop.create_product()
    order = shop.place_order(shop.create_user()["id"], product["id"])
    name = unique("renamed")

    shop.change_product(product["id"], name=name)

    eventually(lambda: shop.order(order["id"])["product_name"] == name, "new name in the order")


def test_the_last_of_many_changes_stays(shop: Shop) -> None:
    product = shop.create_product()

    for value in range(20):
        shop.change_product(product["id"], value=value)

    eventually(lambda: shop.replica("products", product["id"]) == {**product, "value": 19, "reserved": 0}, "last value")


def test_a_put_of_the_stock_while_orders_are_in_flight_loses_none(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(stock=5)

    def order_ten() -> list[int]:
        client = Shop(shop.url)
        return [client.place_order(user["id"], product["id"])["id"] for _ in range(10)]

    with ThreadPoolExecutor() as pool:
        clients = [pool.submit(order_ten) for _ in range(3)]
        for stock in (3, 8, 0, 6):
            shop.change_product(product["id"], stock=stock)
        placed = [id for client in clients for id in client.result()]
    eventually(lambda: all(shop.order(id)["state"] != "processing" for id in placed), "processed orders")
    eventually(lambda: shop.replica("products", product["id"])["reserved"] == 0, "nothing reserved")

    sold = sum(shop.order(id)["state"] == "completed" for id in placed)
    left = shop.product(product["id"])["stock"]
    ledger = shop.get("/api-queries/products/ledger", params={"after": product["id"] - 1, "limit": 1}).json()[0]
    assert left == ledger["supplied"] - sold >= 0
    assert shop.replica("products", product["id"])["stock"] == left


def test_a_stock_that_was_lowered_after_the_promise_fails_the_order_with_a_reason(stack: Stack, own_shop: Shop) -> None:
    user, product = own_shop.create_user(), own_shop.create_product(stock=5)
    with stopped(stack, "worker-products"):
        order = own_shop.place_order(user["id"], product["id"], 5)
        eventually(lambda: own_shop.order(order["id"])["state"] == "completed", "promise from the replica")
        assert own_shop.replica("products", product["id"])["reserved"] == 5

        own_shop.change_product(product["id"], stock=4)

    compensated = eventually(lambda: (o := own_shop.order(order["id"]))["state"] == "failed" and o, "failed order")
    assert compensated["reason"] == "only 4 in stock, 5 ordered"
    assert own_shop.replica("products", product["id"]) == {**product, "stock": 4, "reserved": 0}
    assert own_shop.product(product["id"])["stock"] == 4


def test_a_restock_that_is_still_on_its_way_completes_the_order(stack: Stack, own_shop: Shop) -> None:
    user, product = own_shop.create_user(), own_shop.create_product(stock=1)
    own_shop.when_settled()
    with stopped(stack, "products-relay"):
        own_shop.change_product(product["id"], stock=9)
        order = own_shop.place_order(user["id"], product["id"], 8)
        eventually(lambda: own_shop.product(product["id"])["stock"] == 1, "stock taken by its owner")
        assert own_shop.order(order["id"])["state"] == "processing"

    eventually(lambda: own_shop.order(order["id"])["state"] == "completed", "completed order")


def test_what_waits_is_told_by_the_streams(stack: Stack, own_shop: Shop) -> None:
    own_shop.when_settled()
    before = own_shop.streams("users")["outgoing"][0]
    with stopped(stack, "worker-orders"):
        own_shop.create_user()

        waiting = own_shop.streams("users")["outgoing"][0]
        eventually(lambda: own_shop.streams("users")["outgoing"][0]["oldest_age"] > 0, "age")

    assert waiting["last"] == before["last"] + 1
    assert waiting["acknowledged"] == before["acknowledged"] == before["last"]
    eventually(lambda: own_shop.streams("users")["outgoing"][0]["oldest_age"] is None, "nothing that waits")


@pytest.mark.parametrize(
    ("service", "receivers", "senders"),
    [
        ("users", ["orders"], []),
        ("products", ["orders"], ["orders"]),
        ("orders", ["orders", "products"], ["orders", "products", "users"]),
    ],
)
def test_each_service_tells_its_streams(shop: Shop, service: str, receivers: list[str], senders: list[str]) -> None:
    user, product = shop.create_user(), shop.create_product()
    shop.place_order(user["id"], product["id"])
    eventually(lambda: shop.product(product["id"])["stock"] == 9, "order at products")

    streams = shop.streams(service)

    assert [stream["receiver"] for stream in streams["outgoing"]] == receivers
    assert all(stream["last"] >= stream["acknowledged"] >= 0 for stream in streams["outgoing"])
    assert [stream["sender"] for stream in streams["incoming"]] == senders
    assert type(streams["dead_letters"]) is int
