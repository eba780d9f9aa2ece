"""The replicas that orders keeps: how a copy comes in, and how it is dropped when its original was lost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update

from chassis import handlers
from chassis.fields import Text, Whole
from chassis.handlers import forgets
from orders.base import Order, Product, User, db, ma


class UserReplicaSchema(ma.Schema):  # type: ignore[name-defined]
    """A user as users sends it."""

    id = Whole(1, required=True)
    username = Text(1, 50, required=True)


class ProductReplicaSchema(ma.Schema):  # type: ignore[name-defined]
    """A product as products sends it."""

    id = Whole(1, required=True)
    name = Text(1, 50, required=True)
    description = Text(0, 200, required=True)
    value = Whole(0, required=True)
    stock = Whole(0, required=True)


user_schema = UserReplicaSchema()
product_schema = ProductReplicaSchema()


def keep(model: type[User] | type[Product], row: dict[str, Any]) -> None:
    """Make the replica's row what the owner says that it is, unless a later message has come already."""
    message = handlers.current.get()
    replica = db.session.get(model, row["id"])
    if replica is None:
        db.session.add(model(**row, epoch=message.epoch, seq=message.seq))
    elif replica.seq < message.seq:
        for name, value in {**row, "seq": message.seq}.items():
            setattr(replica, name, value)


@forgets("users")
def forget_users() -> None:
    """Drop the replica: users lost its database, and sends what it has again."""
    db.session.execute(delete(User))


@forgets("products")
def forget_products() -> None:
    """Drop the replica, and with it what was promised of products that are no more."""
    db.session.execute(delete(Product))
    db.session.execute(update(Order).where(Order.reserved).values(reserved=False))
