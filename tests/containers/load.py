"""Customers that go on ordering while containers die, and never order twice."""

from __future__ import annotations

import threading

import requests

from tests.shop import Shop, unique

# While the gateway itself is down, a customer tries again this soon.
TRY_AGAIN_SECONDS = 0.1


class Load:
    """Some customers who order one product, piece by piece, as long as the ``with`` block lasts.

    An order that got no answer is sent again with the same Idempotency-Key, so that each is placed once.

    Args:
        url: of the gateway.
        customers: how many order at the same time.
        stock: of the product that they order.
    """

    def __init__(self, url: str, customers: int = 2, stock: int = 2_000_000) -> None:
        shop = Shop(url)
        self.url, self.stock = url, stock
        self.user, self.product = shop.create_user()["id"], shop.create_product(stock=stock)["id"]
        shop.place_order(self.user, self.product)  # both have arrived by replication
        self.placed = 1
        self._stopping, self._counting = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._order_on, daemon=True) for _ in range(customers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a customer got no answer for a minute after the faults"

    def check(self) -> None:
        """Every order that was answered is there once and completed, and the stock fell by as many."""
        shop = Shop(self.url)
        shop.when_settled()
        orders = [order for order in shop.get("/api-queries/orders").json() if order["product"] == self.product]
        assert len(orders) == self.placed
        assert {order["state"] for order in orders} == {"completed"}
        assert shop.product(self.product)["stock"] == self.stock - self.placed

    def _order_on(self) -> None:
        shop = Shop(self.url)
        while not self._stopping.is_set():
            key = {"Idempotency-Key": unique("order")}
            while not self._order(shop, key):
                self._stopping.wait(TRY_AGAIN_SECONDS)
            with self._counting:
                self.placed += 1

    def _order(self, shop: Shop, key: dict[str, str]) -> bool:
        """Place an order; False where it is not known whether it was placed."""
        body = {"user": self.user, "product": self.product, "quantity": 1}
        try:
            answer = shop.post("/api-commands/orders", body, headers=key)
        except requests.RequestException:
            return False
        # 409: the first try still runs
        assert answer.status_code in (200, 409, 502, 503, 504), answer.text
        return answer.status_code == 200
