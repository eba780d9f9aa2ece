"""What orders does when products has answered an order."""

from __future__ import annotations

from typing import Any

from chassis.handlers import handler
from orders.base import Order, Product, db
from orders.replicas import keep, product_schema


@handler
def product_updated(answer: dict[str, Any]) -> None:
    """End the reservation, and complete the order or fail it with the reason.

    A refusal after ``completed`` is the compensation of a saga: a PUT lowered the stock meanwhile. The
    first answer counts; a repeat after a replay brings the product and nothing else.

    Args:
        answer: ``order`` and its ``order_key``, ``accepted``, ``reason``, and the ``product`` as it now is.
    """
    if answer["product"] is not None:
        keep(Product, product_schema.load(answer["product"]))
    order = db.session.get(Order, answer["order"])
    if order is None or order.key != answer["order_key"] or order.answered:
        return
    if order.reserved:
        db.session.get_one(Product, order.product).reserved -= order.quantity
        order.reserved = False
    order.answered = True
    order.state = "completed" if answer["accepted"] else "failed"
    order.reason = answer["reason"]
