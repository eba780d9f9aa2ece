"""What orders copies when another service has created something."""

from __future__ import annotations

from typing import Any

from chassis.handlers import handler
from orders.base import Product, User
from orders.replicas import keep, product_schema, user_schema


@handler
def send_user(user: dict[str, Any]) -> None:
    """Keep a copy of a user that users has created."""
    keep(User, user_schema.load(user))


@handler
def send_product(product: dict[str, Any]) -> None:
    """Keep a copy of a product that products has created."""
    keep(Product, product_schema.load(product))
