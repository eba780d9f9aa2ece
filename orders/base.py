"""The write model of orders: its own table, its replicas of the others', and what processes an order."""

from __future__ import annotations

import secrets
from typing import Any

from marshmallow_sqlalchemy import auto_field
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.app import create_app
from chassis.database import Database, execute
from chassis.fields import Whole
from chassis.handlers import handler
from chassis.outbox import Outbox
from chassis.schemas import RowSchema

# The function of products that takes what was sold from the stock.
update_product = "products.updater.update_product"

app = create_app("orders", "orders-commands")
db = Database(app)
q = Outbox(db, "orders")
q2 = Outbox(db, "products")


class User(db.Model):  # type: ignore[name-defined]
    """The replica of a user."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(String(50))
    epoch: Mapped[str] = mapped_column(String(32))  # of users' database: another one's user 1 is someone else
    seq: Mapped[int] = mapped_column(BigInteger)  # of the message that brought it: an older one changes nothing


class Product(db.Model):  # type: ignore[name-defined]
    """The replica of a product, and what is promised of it."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(50))
    description: Mapped[str] = mapped_column(String(200))
    value: Mapped[int]
    stock: Mapped[int]
    epoch: Mapped[str] = mapped_column(String(32))
    seq: Mapped[int] = mapped_column(BigInteger)
    # Promised to orders that products has not answered yet; available is stock less this.
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)


class Order(db.Model):  # type: ignore[name-defined]
    """An order, and how far the talk with products about it has come."""

    __tablename__ = "orders"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    user: Mapped[int]
    product: Mapped[int]
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="processing")
    reason: Mapped[str | None] = mapped_column(String(200))
    # Its name for ever: ids start over when this database is lost.
    key: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    asked: Mapped[bool] = mapped_column(default=False)  # products was told of it
    reserved: Mapped[bool] = mapped_column(default=False)  # its quantity is in the product's `reserved`
    answered: Mapped[bool] = mapped_column(default=False)  # products accepted or refused it
    # What user and product were when it was placed, and in which databases.
    user_username: Mapped[str] = mapped_column(String(50))
    user_epoch: Mapped[str] = mapped_column(String(32))
    product_name: Mapped[str] = mapped_column(String(50))
    product_value: Mapped[int] = mapped_column(BigInteger)
    product_epoch: Mapped[str] = mapped_column(String(32))


def snapshot(user: Any, product: Any) -> dict[str, Any]:
    """What an order keeps of its user and product: the total stays what it was when the value changes."""
    return {
        "user_username": user.username,
        "user_epoch": user.epoch,
        "product_name": product.name,
        "product_value": product.value,
        "product_epoch": product.epoch,
    }


class OrderSchema(RowSchema):
    """An order as the command side answers it."""

    class Meta:
        model = Order

    id = auto_field(dump_only=True)
    user = Whole(1, required=True)
    product = Whole(1, required=True)
    quantity = Whole(1, required=True)
    state = auto_field(dump_only=True)


order_schema = OrderSchema()  # type: ignore[no-untyped-call]


WAITING = "SELECT id, key, product, product_epoch, quantity FROM orders WHERE id = :id AND asked = :no"
PROMISE = """
    UPDATE products SET reserved = reserved + :quantity
    WHERE id = :product AND epoch = :product_epoch AND stock - reserved >= :quantity
"""
DECIDE = "UPDATE orders SET state = :state, reserved = :reserved, asked = :yes WHERE id = :id"


@handler
def process_order(order_id: int) -> None:
    """Promise the order what the replica has, and ask products, which owns the stock.

    Where the replica has not enough, a restock may be on its way: the order stays ``processing``, and
    products is asked all the same. Its answer comes to ``orders.updater``.
    """
    order = execute(WAITING, id=order_id, no=False).fetchone()
    if order is None:
        return
    wanted = {"product": order.product, "product_epoch": order.product_epoch, "quantity": order.quantity}
    enough = execute(PROMISE, **wanted).rowcount == 1
    execute(DECIDE, id=order.id, state="completed" if enough else "processing", reserved=enough, yes=True)
    sold = {"id": order.product, "catalogue": order.product_epoch, "quantity": order.quantity}
    q2.enqueue(update_product, {**sold, "order": order.id, "order_key": order.key})
