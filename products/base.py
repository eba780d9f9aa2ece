"""The write model of products, and the queue to who copies it."""

from __future__ import annotations

from marshmallow_sqlalchemy import auto_field
from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.app import create_app
from chassis.database import Database
from chassis.fields import Text, Whole
from chassis.outbox import Outbox
from chassis.schemas import MessageSchema, RowSchema

app = create_app("products", "products-commands")
db = Database(app)
q = Outbox(db, "orders")


class Product(db.Model):  # type: ignore[name-defined]
    """Something to sell."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint("stock >= 0"), {"sqlite_autoincrement": True})  # an id is never given twice

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    description: Mapped[str] = mapped_column(String(200))
    value: Mapped[int]
    stock: Mapped[int]
    # The first stock and every change by PUT: stock = supplied − what was sold, whatever happened between.
    supplied: Mapped[int] = mapped_column(BigInteger)


class Sale(db.Model):  # type: ignore[name-defined]
    """What was answered to one order: a repeat of its message is answered the same and takes nothing."""

    __tablename__ = "sales"
    __table_args__ = {"sqlite_with_rowid": False}

    # The key tells an order from one of an earlier database of orders;
    # the id keeps those that are asked for together on the disk.
    order: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    product: Mapped[int]
    quantity: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(200))  # why it was refused; null where it was accepted


class ProductSchema(RowSchema):
    """A product as the contract has it."""

    class Meta:
        model = Product

    id = auto_field(dump_only=True)
    name = Text(1, 50, required=True)
    description = Text(0, 200, required=True)
    value = Whole(0, required=True)
    stock = Whole(0, required=True)


product_schema = ProductSchema()  # type: ignore[no-untyped-call]


class SaleSchema(MessageSchema):
    """What orders sends when it has sold something."""

    id = Whole(1, required=True)
    catalogue = Text(32, 32, required=True)
    quantity = Whole(1, required=True)
    order = Whole(1, required=True)
    order_key = Text(32, 32, required=True)


sale_schema = SaleSchema()
