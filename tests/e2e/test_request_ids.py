"""X-Request-ID: one id for a request and for everything that is done because of it."""

from __future__ import annotations

import uuid

import pytest

from tests.shop import Shop, unique
from tests.stack import Stack
from tests.waiting import eventually

PATHS = ["/api-queries/users?limit=1", "/api-queries/orders", f"/api-queries/users/{2**63 - 1}", "/nothing", "/healthz"]


@pytest.mark.parametrize("id", ["a", "A-b_c.9", "x" * 128])
@pytest.mark.parametrize("path", PATHS)
def test_a_well_formed_id_is_returned(shop: Shop, path: str, id: str) -> None:
    assert shop.get(path, headers={"X-Request-ID": id}).headers["X-Request-ID"] == id


@pytest.mark.parametrize("id", ["", "x" * 129, "a b", "a/b", "ñ".encode(), '"a"', "<script>", "$(id)"])
@pytest.mark.parametrize("path", PATHS)
def test_an_ill_formed_id_is_replaced(shop: Shop, path: str, id: str | bytes) -> None:
    returned = shop.get(path, headers={"X-Request-ID": id}).headers["X-Request-ID"]

    assert uuid.UUID(returned).hex == returned


def test_each_request_without_an_id_gets_one_of_its_own(shop: Shop) -> None:
    assert len({shop.get("/api-queries/users?limit=1").headers["X-Request-ID"] for _ in range(5)}) == 5


def test_every_process_that_works_on_a_request_logs_its_id(stack: Stack, own_shop: Shop) -> None:
    user, product = own_shop.create_user(), own_shop.create_product()
    id = unique("journey")

    order = {"user": user["id"], "product": product["id"], "quantity": 1}
    own_shop.post("/api-commands/orders", order, headers={"X-Request-ID": id, "Prefer": "wait=10"})

    journey = ["nginx", "orders-commands", "orders-relay", "worker-orders"]
    journey += ["worker-products", "products-relay"]  # to the owner of the stock, and back
    for service in journey:
        eventually(lambda service=service: f"[{id}]" in stack.log(service), f"{id} in the log of {service}")
