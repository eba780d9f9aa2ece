"""What products does when orders has sold something: the stock falls, here and nowhere else."""

from __future__ import annotations

from typing import Any

from chassis.database import execute, own_epoch
from chassis.handlers import handler
from products.base import q, sale_schema

# The function of orders that hears whether the order was accepted, and what the product is now.
product_updated = "orders.updater.product_updated"

ANSWERED = 'SELECT reason FROM sales WHERE "order" = :order AND order_key = :order_key'
# The id is one of the catalogue that the order was placed on: after a loss, another product may have it.
TAKE = """
    UPDATE products SET stock = stock - :quantity
    WHERE id = :id AND stock >= :quantity AND :catalogue = (SELECT epoch FROM outbox_epoch)
"""
ANSWER = """
    INSERT INTO sales ("order", order_key, product, quantity, reason)
    VALUES (:order, :order_key, :id, :quantity, :reason)
"""
PRODUCT = "SELECT id, name, description, value, stock FROM products WHERE id = :id"


@handler
def update_product(sold: dict[str, Any]) -> None:
    """Take what was sold from the stock, if there is enough, and answer the order.

    A repeat is answered the same and takes nothing.

    Args:
        sold: ``id`` and ``catalogue`` (the epoch) of the product, ``quantity``, ``order`` and its ``order_key``.
    """
    sold = sale_schema.load(sold)
    order = {"order": sold["order"], "order_key": sold["order_key"]}
    answered = execute(ANSWERED, **order).fetchone()
    if answered:
        reason = answered.reason
    else:
        reason = refusal(sold)
        execute(ANSWER, **order, id=sold["id"], quantity=sold["quantity"], reason=reason)
    product = execute(PRODUCT, id=sold["id"]).fetchone()
    answer = {**order, "accepted": reason is None, "reason": reason}
    q.enqueue(product_updated, {**answer, "product": product and product._asdict()})


def refusal(sold: dict[str, Any]) -> str | None:
    """Lower the stock by one conditional UPDATE; returns why that was refused, None where it was done."""
    if execute(TAKE, id=sold["id"], quantity=sold["quantity"], catalogue=sold["catalogue"]).rowcount == 1:
        return None
    if sold["catalogue"] != own_epoch():
        return "the catalogue was replaced after the order was placed"
    product = execute(PRODUCT, id=sold["id"]).fetchone()
    return f"only {product.stock} in stock, {sold['quantity']} ordered" if product else "there is no such product"
