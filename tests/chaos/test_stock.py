"""Many clients, little stock: exactly as many orders are completed as it allows."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.chaos.client import Client
from tests.chaos.conftest import Town
from tests.shop import Shop, unique

ORDERS, CLIENTS, STOCK = 500, 10, 250
# With the order of this number, the stock is set to this. Half of the orders come after the last PUT and
# want more than it leaves, so that in the end nothing is left.
PUTS = {50: 100, 100: 20, 150: 60, 200: 0, 250: 50}


def test_500_orders_of_1_on_a_stock_of_250_with_puts_in_between(
    town: Town, record_property: Callable[[str, object], None]
) -> None:
    product = new_product(town)
    seen, done = set[int](), threading.Event()

    def place(turn: int) -> None:
        client, name = Client(town.stack.url, town.ledger), unique("put")
        if turn in PUTS:
            body = {"stock": PUTS[turn], "description": name}
            client.command("puts", (product, name), f"/api-commands/products/{product}", body)
        body = {"user": users[turn], "product": product, "quantity": 1}
        client.command("orders", (users[turn], product, 1), "/api-commands/orders", body)

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        users = list(pool.map(lambda _: new_user(town), range(ORDERS)))
        town.shop.when_settled()
        watcher = pool.submit(watch, Shop(town.stack.url), product, seen, done)
        try:
            list(pool.map(place, range(ORDERS)))
            town.holds()
        finally:
            done.set()
        watcher.result()

    orders = [order for order in town.shop.get("/api-queries/orders").json() if order["product"] == product]
    states = Counter(order["state"] for order in orders)
    reasons = {order["reason"] for order in orders if order["state"] == "failed"}
    [ledger] = town.shop.get("/api-queries/products/ledger", params={"after": product - 1, "limit": 1}).json()
    assert states == {"completed": ledger["supplied"], "failed": ORDERS - ledger["supplied"]}
    assert ledger["stock"] == 0
    assert min(seen) == 0, "it was watched, and was never below 0"
    assert reasons == {"only 0 in stock, 1 ordered"}
    record_property("chaos", f"supplied {ledger['supplied']}, {dict(states)}")


def new_user(town: Town) -> int:
    """One more user."""
    name = unique("user")
    entry = Client(town.stack.url, town.ledger).command("users", name, "/api-commands/users", {"username": name})
    assert entry.id
    return entry.id


def new_product(town: Town) -> int:
    """What all want."""
    name = unique("scarce")
    body = {"name": name, "description": name, "value": 1, "stock": STOCK}
    entry = Client(town.stack.url, town.ledger).command("products", name, "/api-commands/products", body)
    assert entry.id
    return entry.id


def watch(shop: Shop, product: int, seen: set[int], done: threading.Event) -> None:
    """Note every stock of the product, at its owner and in the replica."""
    while not done.is_set():
        seen.add(shop.product(product)["stock"])
        replica = shop.replica("products", product)
        assert replica is not None
        seen.add(replica["stock"])
