"""Orders through the gateway: from the command to what the query side tells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.problems import invalid, problem
from tests.shop import Shop
from tests.waiting import eventually

LARGEST = 2**31 - 1


def test_an_order_is_completed_and_the_stock_falls(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(stock=10, value=250)

    placed = shop.place_order(user["id"], product["id"], 3)

    ids = {"id": placed["id"], "user": user["id"], "product": product["id"]}
    assert placed == {**ids, "quantity": 3, "state": "processing"}
    order = when_answered(shop, placed["id"])
    names = {"user_username": user["username"], "product_name": product["name"], "product_value": 250}
    assert order == {**placed, "state": "completed", **names, "total": 750, "reason": None}
    eventually(lambda: shop.product(product["id"])["stock"] == 7, "stock of 7")
    eventually(
        lambda: shop.replica("products", product["id"]) == {**product, "stock": 7, "reserved": 0}, "same replica"
    )


def test_an_order_of_more_than_the_stock_fails_with_a_reason(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(stock=2)

    order = when_answered(shop, shop.place_order(user["id"], product["id"], 3)["id"])

    assert order["state"] == "failed"
    assert "only 2 in stock, 3 ordered" in order["reason"]
    assert shop.product(product["id"])["stock"] == 2


def test_the_last_piece_is_sold_once(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(stock=1)

    placed = [shop.place_order(user["id"], product["id"])["id"] for _ in range(5)]

    states = [when_answered(shop, id)["state"] for id in placed]
    assert states == ["completed", "failed", "failed", "failed", "failed"]
    assert shop.product(product["id"])["stock"] == 0


def test_the_total_stays_when_the_value_changes(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(value=100)
    order = shop.place_order(user["id"], product["id"], 2)

    shop.change_product(product["id"], value=999)

    eventually(lambda: shop.replica("products", product["id"])["value"] == 999, "new value in the replica")
    assert shop.order(order["id"])["total"] == 200


def test_the_largest_total_is_exact(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(value=LARGEST, stock=LARGEST)

    order = when_answered(shop, shop.place_order(user["id"], product["id"], LARGEST)["id"])

    assert (order["state"], order["total"]) == ("completed", LARGEST * LARGEST)


@pytest.mark.parametrize("what", ["user", "product"])
def test_an_order_of_something_unheard_of_says_what_and_that_it_may_be_on_its_way(shop: Shop, what: str) -> None:
    user, product = shop.create_user(), shop.create_product()
    shop.place_order(user["id"], product["id"])  # both are replicated now

    answer = shop.post(
        "/api-commands/orders", {"user": user["id"], "product": product["id"], "quantity": 1, what: LARGEST}
    )

    detail = problem(answer, 400)["detail"]
    assert f"{what} {LARGEST}" in detail
    assert "replication may still be on its way" in detail


@pytest.mark.parametrize("quantity", [0, -5, LARGEST + 1, 2**63, True, "10", 1.5, None, [1]])
def test_a_quantity_that_breaks_the_rule_is_refused(shop: Shop, quantity: object) -> None:
    user, product = shop.create_user(), shop.create_product()

    answer = shop.post("/api-commands/orders", {"user": user["id"], "product": product["id"], "quantity": quantity})

    assert list(invalid(answer)) == ["quantity"]


@pytest.mark.parametrize("id", [0, -1, 2**63, "1", 1.5, True, None])
def test_an_id_that_is_none_is_refused_by_name(shop: Shop, id: object) -> None:
    assert set(invalid(shop.post("/api-commands/orders", {"user": id, "product": id, "quantity": 1}))) == {
        "user",
        "product",
    }


def test_a_client_cannot_choose_the_state(shop: Shop) -> None:
    body = {"user": 1, "product": 1, "quantity": 1, "state": "completed", "id": 1}

    assert set(invalid(shop.post("/api-commands/orders", body))) == {"state", "id"}


def when_answered(shop: Shop, id: int) -> dict[str, Any]:
    """The order once products has answered it: nothing is reserved for it, and it has come to its end."""

    def look() -> dict[str, Any] | None:
        order = shop.order(id)
        replica = shop.replica("products", order["product"])
        return order if order["state"] != "processing" and replica and not replica["reserved"] else None

    order = eventually(look, "answered order")
    assert order is not None
    return order
