"""What products does when orders has sold something: the stock falls, here and nowhere else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from chassis.handlers import handler
from chassis.outbox import own_epoch
from products.base import Product, Sale, db, product_schema, q

# The function of orders that hears whether the order was accepted, and what the product is now.
product_updated = "orders.updater.product_updated"


@handler
def update_product(sold: dict[str, Any]) -> None:
    """Take what was sold from the stock, if there is enough, and answer the order.

    Args:
        sold: ``id`` and ``catalogue`` (the epoch) of the product, ``quantity``, ``order`` and its ``order_key``.
    """
    sale = db.session.get(Sale, sold["order_key"])
    if sale is None:
        sale = Sale(order_key=sold["order_key"], product=sold["id"], quantity=sold["quantity"], reason=take(sold))
        db.session.add(sale)
    product = db.session.get(Product, sold["id"])
    answer = {
        "order": sold["order"],
        "order_key": sold["order_key"],
        "accepted": sale.reason is None,
        "reason": sale.reason,
        "product": product_schema.dump(product) if product else None,
    }
    q.enqueue(product_updated, answer)


def take(sold: dict[str, Any]) -> str | None:
    """Lower the stock by one conditional UPDATE; returns why it was refused, None where it was taken."""
    if sold["catalogue"] != own_epoch():
        return "the catalogue was replaced after the order was placed"
    enough = (Product.id == sold["id"], Product.stock >= sold["quantity"])
    taken = db.session.execute(update(Product).where(*enough).values(stock=Product.stock - sold["quantity"]))
    if taken.rowcount:
        return None
    product = db.session.get(Product, sold["id"])
    return f"only {product.stock} in stock, {sold['quantity']} ordered" if product else "there is no such product"
