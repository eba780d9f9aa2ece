"""A client of the gateway for the tests: what a customer does, with names that no other test uses."""

from __future__ import annotations

import uuid
from typing import Any

import requests

from local.processes import DOMAINS
from tests.waiting import eventually

# Every answer must come within this time; the longest wait that a client may ask for is 10 s.
TIMEOUT_SECONDS = 30


class Shop:
    """Talks to a running suite.

    Args:
        url: of its gateway.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = requests.Session()

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET, such as ``get("/api-queries/users", params={"limit": 1})``."""
        return self._http.get(self.url + path, timeout=TIMEOUT_SECONDS, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        """POST a body as JSON; ``data=`` and ``headers=`` send something else."""
        return self._http.post(self.url + path, json=body, timeout=TIMEOUT_SECONDS, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        """PUT a body as JSON."""
        return self._http.put(self.url + path, json=body, timeout=TIMEOUT_SECONDS, **options)

    def create_user(self) -> dict[str, Any]:
        """A new user."""
        return _ok(self.post("/api-commands/users", {"username": unique("user")}))

    def create_product(self, **members: Any) -> dict[str, Any]:
        """A new product; 10 pieces at 250 unless said otherwise."""
        given = {"name": unique("product"), "description": "for a test", "value": 250, "stock": 10, **members}
        return _ok(self.post("/api-commands/products", given))

    def change_product(self, id: int, **members: Any) -> dict[str, Any]:
        """A product after a PUT."""
        return _ok(self.put(f"/api-commands/products/{id}", members))

    def place_order(self, user: int, product: int, quantity: int = 1) -> dict[str, Any]:
        """An order as the command answered it; waits for the user and product to arrive by replication."""
        body = {"user": user, "product": product, "quantity": quantity}
        return _ok(self.post("/api-commands/orders", body, headers={"Prefer": "wait=10"}))

    def order(self, id: int) -> dict[str, Any]:
        """An order as the query side tells it."""
        return _ok(self.get(f"/api-queries/orders/{id}"))

    def product(self, id: int) -> dict[str, Any]:
        """A product as the query side tells it."""
        return _ok(self.get(f"/api-queries/products/{id}"))

    def replica(self, kind: str, id: int) -> dict[str, Any] | None:
        """The copy that orders holds of a user (``"users"``) or product (``"products"``)."""
        page = _ok(self.get(f"/api-queries/orders/replicas/{kind}", params={"after": id - 1, "limit": 1}))
        return page[0] if page and page[0]["id"] == id else None

    def streams(self, service: str) -> dict[str, Any]:
        """How far a service's streams are."""
        return _ok(self.get(f"/api-queries/{service}/streams"))

    def settled(self) -> bool:
        """Whether every message that was sent has been applied."""
        outgoing = [s for service in DOMAINS for s in self.streams(service)["outgoing"]]
        return all(stream["last"] == stream["acknowledged"] for stream in outgoing)

    def when_settled(self, seconds: float = 60) -> None:
        """Wait until every message has been applied: twice in a row, since one message causes another."""
        eventually(lambda: self.settled() and self.settled(), "settled streams", seconds)


def unique(what: str) -> str:
    """A name that no other test uses."""
    return f"{what}-{uuid.uuid4().hex[:20]}"


def _ok(response: requests.Response) -> Any:
    assert response.status_code == 200, f"{response.status_code}: {response.text[:500]}"
    return response.json()
