"""What orders copies when products has changed something."""

from __future__ import annotations

from typing import Any

from chassis.handlers import handler
from orders.replicas import keep_product, product_schema


@handler
def put_product(product: dict[str, Any]) -> None:
    """Bring the copy of a product up to date."""
    keep_product(product_schema.load(product))
