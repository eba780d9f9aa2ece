# mypy: ignore-errors
# A first draft has no types, and Flask-SQLAlchemy's models none that mypy could follow.
"""Baseline (b): the suite as a first draft would have it, in one file for all three services.

The ORM and marshmallow for reads and writes, the settings of each library as they come, ``commit`` and then
``enqueue`` in the request (what is committed is lost to the others if the process dies in between), and
``rq worker`` as RQ's quick start shows it: it forks for each job, and each fork imports this file.
``DOMAIN`` says which of the three services a process is.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema
from redis import Redis
from rq import Queue

app = Flask(__name__, static_folder=None)
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.path.abspath(os.environ['DATA_DIR'])}/{os.environ['DOMAIN']}.db"
db = SQLAlchemy(app)

redis = Redis.from_url(os.environ["REDIS_URL"])
orders_queue, products_queue = Queue("orders", connection=redis), Queue("products", connection=redis)


class User(db.Model):
    """A user, or orders' copy of one."""

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(50), unique=True)


class Product(db.Model):
    """A product, or orders' copy of one."""

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    description = db.Column(db.String(200))
    value = db.Column(db.Integer)
    stock = db.Column(db.Integer)


class Order(db.Model):
    """An order."""

    id = db.Column(db.Integer, primary_key=True)
    user = db.Column(db.Integer)
    product = db.Column(db.Integer)
    quantity = db.Column(db.Integer)
    state = db.Column(db.String(10))


def schema_of(row: type) -> Any:
    """Marshmallow's schema of a table."""
    meta = type("Meta", (), {"model": row})
    return type(f"{row.__name__}Schema", (SQLAlchemyAutoSchema,), {"Meta": meta})()


SCHEMAS = {kind: schema_of(kind) for kind in (User, Product, Order)}
KINDS = {"users": User, "products": Product, "orders": Order}


@app.post("/api-commands/<kind>")
def create(kind: str) -> Any:
    """Commit a row, then tell who has to know."""
    row = KINDS[kind](**(request.json or {}))
    if kind == "orders":
        row.state = "processing"
    db.session.add(row)
    db.session.commit()
    data = SCHEMAS[KINDS[kind]].dump(row)
    if kind == "orders":
        orders_queue.enqueue(process_order, row.id)
    else:
        orders_queue.enqueue(keep, kind, data)
    return data


@app.get("/api-queries/<kind>")
def listing(kind: str) -> Any:
    """All of them."""
    return SCHEMAS[KINDS[kind]].dump(KINDS[kind].query.all(), many=True)


@app.get("/api-queries/orders/copies/<kind>")
def copies(kind: str) -> Any:
    """What orders has heard of the others."""
    return listing(kind)


@app.get("/api-queries/<kind>/<int:id>")
def one(kind: str, id: int) -> Any:
    """One of them."""
    return SCHEMAS[KINDS[kind]].dump(db.get_or_404(KINDS[kind], id))


def keep(kind: str, data: dict[str, Any]) -> None:
    """At orders: keep a copy."""
    with app.app_context():
        db.session.merge(KINDS[kind](**data))
        db.session.commit()


def process_order(id: int) -> None:
    """At orders: complete the order if there is enough, and tell products."""
    with app.app_context():
        order = db.session.get(Order, id)
        product = db.session.get(Product, order.product)
        if product.stock >= order.quantity:
            order.state = "completed"
            db.session.commit()
            products_queue.enqueue(update_product, order.product, order.quantity)


def update_product(id: int, quantity: int) -> None:
    """At products: take what was sold."""
    with app.app_context():
        product = db.session.get(Product, id)
        product.stock -= quantity
        db.session.commit()
        orders_queue.enqueue(keep, "products", SCHEMAS[Product].dump(product))


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
