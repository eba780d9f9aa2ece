"""Every route of the gateway, in an order in which each finds what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Route:
    """One operation.

    Args:
        method: in capitals.
        path: with ``{id}`` where the id stands.
        tag: the group that it is shown in.
        summary: what it does, in a few words.
        answer: the schema of what it answers 200 with.
        body: the schema of its body; empty where it has none.
        listing: whether it answers a list, which can be paged.
        limited: whether it can be told how many to show, and no more.
        description: what a client should know beyond the summary.
        example: a body that works.
        answered: what it then answers.
    """

    method: str
    path: str
    tag: str
    summary: str
    answer: str
    body: str = ""
    listing: bool = False
    limited: bool = False
    description: str = ""
    example: dict[str, Any] | None = None
    answered: Any = None

    @property
    def operation_id(self) -> str:
        """A name for programs, such as ``post_users`` or ``get_users_id``."""
        words = self.path.replace("{", "").replace("}", "").split("/")[2:] or [self.path.strip("/")]
        return "_".join([self.method.lower(), *words])


USER = {"username": "ana"}
PRODUCT = {"name": "Leica M6", "description": "a rangefinder camera", "value": 250, "stock": 10}
ORDER = {"user": 1, "product": 1, "quantity": 2}
PLACED = {"id": 1, **ORDER, "state": "processing"}
READ = {
    **PLACED,
    "state": "completed",
    "user_username": "ana",
    "product_name": "Leica M6",
    "product_value": 250,
    "total": 500,
    "reason": None,
}
SOLD = {"id": 1, **PRODUCT, "stock": 23}
PARTNERS = {"users": ["orders"], "products": ["orders"], "orders": ["orders", "products"]}
SENDERS = {"users": [], "products": ["orders"], "orders": ["orders", "products", "users"]}


def watching(service: str) -> list[Route]:
    """The routes that tell how the messages of a service travel."""
    streams = {
        "outgoing": [{"receiver": r, "last": 1, "acknowledged": 1, "oldest_age": None} for r in PARTNERS[service]],
        "incoming": [{"sender": s, "applied": 1, "left_epochs": 0} for s in SENDERS[service]],
        "dead_letters": 0,
    }
    times = {"created_at": 1700000000.0, "sent_at": 1700000000.002, "acknowledged_at": 1700000000.009}
    handler = {"users": "orders.sender.send_user", "products": "orders.sender.send_product"}
    message = {"request_id": "lesson-1", "receiver": "orders", "seq": 1}
    journeys = {
        "messages": [{**message, "handler": handler.get(service, "orders.base.process_order"), **times}],
        "contacts": [
            {"receiver": r, "sent_at": 1700000010.0, "answered_at": 1700000010.006} for r in PARTNERS[service]
        ],
    }
    path = f"/api-queries/{service}"
    return [
        Route("GET", f"{path}/streams", "Watch", f"How far the streams of {service} are", "Streams", answered=streams),
        Route(
            "GET",
            f"{path}/journeys",
            "Watch",
            f"The way of the last messages that {service} sent",
            "Journeys",
            limited=True,
            description="The last `limit` messages of each of its streams, the newest first; 50 unless told.",
            answered=journeys,
        ),
    ]


ROUTES = [
    Route(
        "POST",
        "/api-commands/users",
        "Users",
        "Create a user",
        "User",
        "NewUser",
        example=USER,
        answered={"id": 1, **USER},
    ),
    Route("GET", "/api-queries/users", "Users", "List the users", "User", listing=True, answered=[{"id": 1, **USER}]),
    Route("GET", "/api-queries/users/{id}", "Users", "Show a user", "User", answered={"id": 1, **USER}),
    Route(
        "POST",
        "/api-commands/products",
        "Products",
        "Create a product",
        "Product",
        "NewProduct",
        example=PRODUCT,
        answered={"id": 1, **PRODUCT},
    ),
    Route(
        "PUT",
        "/api-commands/products/{id}",
        "Products",
        "Change a product",
        "Product",
        "ProductChanges",
        description="A member that is absent stays as it is.",
        example={"stock": 25},
        answered={"id": 1, **PRODUCT, "stock": 25},
    ),
    Route("GET", "/api-queries/products", "Products", "List the products", "Product", listing=True, answered=[SOLD]),
    Route("GET", "/api-queries/products/{id}", "Products", "Show a product", "Product", answered=SOLD),
    Route(
        "GET",
        "/api-queries/products/ledger",
        "Products",
        "What came into the stock",
        "Ledger",
        listing=True,
        description="`supplied` less what completed orders took is the stock.",
        answered=[{"id": 1, "stock": 23, "supplied": 25}],
    ),
    Route(
        "POST",
        "/api-commands/orders",
        "Orders",
        "Place an order",
        "PlacedOrder",
        "NewOrder",
        description="It is accepted at once and processed by messages: read it on the query side to see how it ended.",
        example=ORDER,
        answered=PLACED,
    ),
    Route("GET", "/api-queries/orders", "Orders", "List the orders", "Order", listing=True, answered=[READ]),
    Route("GET", "/api-queries/orders/{id}", "Orders", "Show an order", "Order", answered=READ),
    Route(
        "GET",
        "/api-queries/orders/replicas/users",
        "Orders",
        "The copies of users that orders holds",
        "UserReplica",
        listing=True,
        answered=[{"id": 1, **USER}],
    ),
    Route(
        "GET",
        "/api-queries/orders/replicas/products",
        "Orders",
        "The copies of products that orders holds",
        "ProductReplica",
        listing=True,
        answered=[{**SOLD, "reserved": 0}],
    ),
    *(route for service in ("users", "products", "orders") for route in watching(service)),
    Route("GET", "/healthz", "Watch", "The gateway's own health", "Health", answered={"status": "up"}),
    Route("GET", "/rq/status", "Watch", "Whether RQ's dashboard runs", "Dashboard", answered={"status": "down"}),
]
