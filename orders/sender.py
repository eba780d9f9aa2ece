"""What orders copies when another service has created something."""

from __future__ import annotations

from typing import Any

from chassis.handlers import handler
from orders.replicas import keep_product, keep_user, product_schema, user_schema


@handler
def send_user(user: dict[str, Any]) -> None:
    """Keep a copy of a user that users has created."""
    keep_user(user_schema.load(user))


@handler
def send_product(product: dict[str, Any]) -> None:
    """Keep a copy of a product that products has created."""
    keep_product(product_schema.load(product))
