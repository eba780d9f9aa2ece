"""The replicas that orders keeps: how a copy comes in, and how it is dropped when its original was lost."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chassis import handlers
from chassis.database import execute
from chassis.fields import Text, Whole
from chassis.handlers import forgets
from chassis.schemas import MessageSchema


class UserReplicaSchema(MessageSchema):
    """A user as users sends it."""

    id = Whole(1, required=True)
    username = Text(1, 50, required=True)


class ProductReplicaSchema(MessageSchema):
    """A product as products sends it."""

    id = Whole(1, required=True)
    name = Text(1, 50, required=True)
    description = Text(0, 200, required=True)
    value = Whole(0, required=True)
    stock = Whole(0, required=True)


class AnswerSchema(MessageSchema):
    """What products answers to an order."""

    order = Whole(1, required=True)
    order_key = Text(32, 32, required=True)
    accepted = fields.Boolean(required=True, truthy={True}, falsy={False})
    reason = Text(1, 200, required=True, allow_none=True)
    product = fields.Nested(ProductReplicaSchema, required=True, allow_none=True)


answer_schema = AnswerSchema()
user_schema = UserReplicaSchema()
product_schema = ProductReplicaSchema()


KEEP_USER = """
    INSERT INTO users (id, username, epoch, seq) VALUES (:id, :username, :epoch, :seq)
    ON CONFLICT (id) DO UPDATE SET username = excluded.username, seq = excluded.seq WHERE users.seq < excluded.seq
"""
KEEP_PRODUCT = """
    INSERT INTO products (id, name, description, value, stock, reserved, epoch, seq)
    VALUES (:id, :name, :description, :value, :stock, 0, :epoch, :seq)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description,
        value = excluded.value, stock = excluded.stock, seq = excluded.seq
    WHERE products.seq < excluded.seq
"""


def keep_user(user: dict[str, Any]) -> None:
    """Make the replica's user what users says, unless a later message has come already."""
    message = handlers.current.get()
    execute(KEEP_USER, **user, epoch=message.epoch, seq=message.seq)


def keep_product(product: dict[str, Any]) -> None:
    """Make the replica's product what products says, unless a later message has come already."""
    message = handlers.current.get()
    execute(KEEP_PRODUCT, **product, epoch=message.epoch, seq=message.seq)


@forgets("users")
def forget_users() -> None:
    """Drop the replica: users lost its database, and sends what it has again."""
    execute("DELETE FROM users")


@forgets("products")
def forget_products() -> None:
    """Drop the replica, and with it what was promised of products that are no more."""
    execute("DELETE FROM products")
    execute("UPDATE orders SET reserved = :no WHERE reserved = :yes", no=False, yes=True)
