"""Orders through the gateway: from the command to what the query side tells."""

from __future__ import annotations

from tests.shop import Shop
from tests.waiting import eventually


def test_an_order_is_completed_and_the_stock_falls(shop: Shop) -> None:
    user, product = shop.create_user(), shop.create_product(stock=10, value=250)

    placed = shop.place_order(user["id"], product["id"], 3)

    assert placed == {"id": placed["id"], "user": user["id"], "product": product["id"], "quantity": 3, "state": "processing"}
    order = eventually(lambda: (o := shop.order(placed["id"]))["state"] == "completed" and o, "completed order")
    assert order["total"] == 750
    eventually(lambda: shop.product(product["id"])["stock"] == 7, "stock of 7")
    eventually(lambda: shop.replica("products", product["id"]) == {**product, "stock": 7, "reserved": 0}, "same replica")
