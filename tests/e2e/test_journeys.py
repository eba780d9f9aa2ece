"""The way of the messages, as the query sides tell it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shop import Shop, unique
from tests.waiting import eventually

SERVICES = ("users", "products", "orders")


def journey(shop: Shop, request_id: str) -> list[dict[str, Any]]:
    """The messages of one request, in the order in which they were committed."""
    told = [shop.get(f"/api-queries/{service}/journeys").json()["messages"] for service in SERVICES]
    found = [message for messages in told for message in messages if message["request_id"] == request_id]
    return sorted(found, key=lambda message: float(message["created_at"]))


def test_the_messages_of_an_order_are_told_by_its_request_id_with_the_time_of_each_step(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product()
    request_id = unique("journey")
    body = {"user": user["id"], "product": product["id"], "quantity": 1}
    shop.post("/api-commands/orders", body, headers={"X-Request-ID": request_id, "Prefer": "wait=10"})

    messages = eventually(
        lambda: (
            (m := journey(shop, request_id))
            and len(m) == 3
            and all(one["acknowledged_at"] is not None for one in m)
            and m
        ),
        "three acknowledged messages",
    )

    handlers = [message["handler"] for message in messages]
    assert handlers == [
        "orders.base.process_order",
        "products.updater.update_product",
        "orders.updater.product_updated",
    ]
    for message in messages:
        assert message["created_at"] <= message["sent_at"] <= message["acknowledged_at"]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("route", ["journeys", "streams"])
def test_who_looks_again_at_rest_is_told_that_nothing_has_changed(shop: Shop, service: str, route: str) -> None:
    path = f"/api-queries/{service}/{route}"

    def unchanged() -> bool:
        tag = shop.get(path).headers["ETag"]
        return shop.get(path, headers={"If-None-Match": tag}).status_code == 304

    eventually(unchanged, "304")


def test_each_receiver_is_greeted_and_answers_also_at_rest(shop: Shop) -> None:
    contacts = shop.get("/api-queries/orders/journeys", params={"limit": 1}).json()["contacts"]

    assert [contact["receiver"] for contact in contacts] == ["orders", "products"]
    for contact in contacts:
        assert contact["sent_at"] is not None
