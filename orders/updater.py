"""What orders does when products has answered an order."""

from __future__ import annotations

from typing import Any

from chassis.database import execute
from chassis.handlers import handler
from orders.replicas import answer_schema, keep_product

# The key tells this order from one of an earlier database that had the same id.
ASKING = "SELECT id, product, quantity, reserved FROM orders WHERE id = :id AND key = :key AND answered = :no"
RELEASE = "UPDATE products SET reserved = reserved - :quantity WHERE id = :id"
SETTLE = "UPDATE orders SET state = :state, reason = :reason, reserved = :no, answered = :yes WHERE id = :id"


@handler
def product_updated(answer: dict[str, Any]) -> None:
    """End the reservation, and complete the order or fail it with the reason.

    A refusal after ``completed`` is the compensation of a saga: a PUT lowered the stock meanwhile. The
    first answer counts; a repeat after a replay brings the product and nothing else.

    Args:
        answer: ``order`` and its ``order_key``, ``accepted``, ``reason``, and the ``product`` as it now is.
    """
    answer = answer_schema.load(answer)
    if answer["product"] is not None:
        keep_product(answer["product"])
    order = execute(ASKING, id=answer["order"], key=answer["order_key"], no=False).fetchone()
    if order is None:
        return
    if order.reserved:
        execute(RELEASE, id=order.product, quantity=order.quantity)
    state = "completed" if answer["accepted"] else "failed"
    execute(SETTLE, id=order.id, state=state, reason=answer["reason"], yes=True, no=False)
