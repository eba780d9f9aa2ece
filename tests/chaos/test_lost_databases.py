"""A database is deleted: what it owned is gone, everything else heals by itself."""

from __future__ import annotations

import check
from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.faults import delete_database, stopped
from tests.waiting import eventually

PROCESSES = {
    "users": ("users-commands", "users-queries", "users-relay"),
    "products": ("products-commands", "products-queries", "products-relay", "worker-products"),
    "orders": ("orders-commands", "orders-queries", "orders-relay", "worker-orders"),
}
IN_FLIGHT = 30
REPLACED = "the catalogue was replaced after the order was placed"


def test_the_users_database_may_be_deleted(second_town: Town, under_load: UnderLoad) -> None:
    lose(second_town, under_load, "users")


def test_the_orders_database_may_be_deleted(second_town: Town, under_load: UnderLoad) -> None:
    lose(second_town, under_load, "orders")


def test_the_products_database_may_be_deleted_and_orders_in_flight_fail_with_the_reason(
    second_town: Town, under_load: UnderLoad
) -> None:
    with under_load(second_town) as load:
        with stopped(second_town.stack, "worker-products"):
            answered = last_order(second_town)
            eventually(lambda: last_order(second_town) >= answered + IN_FLIGHT, f"{IN_FLIGHT} orders in flight")
            with stopped(second_town.stack, *(name for name in PROCESSES["products"] if name != "worker-products")):
                in_flight = range(answered + 1, last_order(second_town) + 1)
                delete_database(second_town.stack, "products")
                second_town.ledger.lose("products")
        load.struck_by("products deleted")

    heals(second_town, under_load, "products")
    orders = {order["id"]: order for order in second_town.shop.get("/api-queries/orders").json()}
    ends = {(orders[id]["state"], orders[id]["reason"]) for id in in_flight}
    assert ends == {("failed", REPLACED)}


def lose(town: Town, under_load: UnderLoad, domain: str) -> None:
    """Delete a domain's database under load."""
    with under_load(town) as load:
        with stopped(town.stack, *PROCESSES[domain]):
            delete_database(town.stack, domain)
            town.ledger.lose(domain)
        load.struck_by(f"{domain} deleted")
    heals(town, under_load, domain)


def heals(town: Town, under_load: UnderLoad, domain: str) -> None:
    """The new epoch is noticed, and what is new is taken."""
    assert domain in check.Suite(town.stack.url).lost_databases()
    with under_load(town):
        pass  # it has begun with new users and products, and their orders


def last_order(town: Town) -> int:
    """The id of the order that was placed last."""
    [order] = town.shop.get("/api-queries/orders", params={"order": "desc", "limit": 1}).json()
    return int(order["id"])
