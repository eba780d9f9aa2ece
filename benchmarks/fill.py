"""Fill a stopped suite with orders, quickly and so that every invariant holds.

A suite that has one user, one product and one completed order has one row of each kind; what is filled in are
copies of these with other ids. So a column that is not named here is filled as the suite itself does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.stored import Row, StoredDatabase

# So many orders have a user, or a product, in common.
ORDERS_OF_A_USER, ORDERS_OF_A_PRODUCT = 10, 100

SOLD = "UPDATE products SET stock = supplied - (SELECT sum(quantity) FROM sales WHERE product = products.id)"
COPIED = "UPDATE products SET stock = (SELECT stock FROM owner.products AS original WHERE original.id = products.id)"


def fill(data: Path, orders: int) -> None:
    """Bring a suite with one user, one product and one order to many.

    Args:
        data: the folder of its databases.
        orders: how many there are afterwards, with users and products in proportion; a hundred or more.
    """
    wanted = Wanted(orders)
    with StoredDatabase(data, "users") as db:
        db.copy("users", "id = 1", wanted.users())
        db.copy_message("orders", 1, ((row["id"], row) for row in wanted.users()))
        db.sent("orders", wanted.last_user)
    with StoredDatabase(data, "products") as db:
        db.copy("products", "id = 1", wanted.products())
        db.copy("sales", "product = 1", (wanted.sale(n) for n in wanted.orders))
        db.execute(SOLD)
        # The first two messages are the product and the answer to the order that are there already.
        db.copy_message("orders", 1, ((row["id"] + 1, row) for row in wanted.products()))
        db.copy_message("orders", 2, ((wanted.last_product + n, wanted.answer(n)) for n in wanted.orders))
        db.sent("orders", wanted.last_product + orders)
        db.applied("orders", orders)
    with StoredDatabase(data, "orders") as db:
        fill_orders(db, data, wanted)


def fill_orders(db: StoredDatabase, data: Path, wanted: Wanted) -> None:
    """The orders, and what orders holds of the others."""
    last_from_products = wanted.last_product + wanted.orders.stop - 1
    db.copy("users", "id = 1", ({**row, "seq": row["id"]} for row in wanted.users()))
    db.copy("products", "id = 1", wanted.products())
    db.execute("UPDATE products SET seq = :last", last=last_from_products)
    db.execute("ATTACH :path AS owner", path=str(data / "products.db"))
    db.execute(COPIED)
    db.copy("orders", "id = 1", (wanted.order(n) for n in wanted.orders))
    db.copy_message("orders", 1, ((n, n) for n in wanted.orders))
    db.copy_message("products", 1, ((n, wanted.sold(n)) for n in wanted.orders))
    for receiver in ("orders", "products"):
        db.sent(receiver, wanted.orders.stop - 1)
    db.applied("orders", wanted.orders.stop - 1)
    db.applied("products", last_from_products)
    db.applied("users", wanted.last_user)


@dataclass
class Wanted:
    """What is to be filled in: everything but the first of each.

    Args:
        count: of all orders.
    """

    count: int

    def __post_init__(self) -> None:
        self.orders = range(2, self.count + 1)
        self.last_user = self.count // ORDERS_OF_A_USER
        self.last_product = self.count // ORDERS_OF_A_PRODUCT

    def users(self) -> list[Row]:
        """The users."""
        return [{"id": n, "username": f"stored-{n}"} for n in range(2, self.last_user + 1)]

    def products(self) -> list[Row]:
        """The products."""
        return [{"id": n, "name": f"stored-{n}"} for n in range(2, self.last_product + 1)]

    def product_of(self, order: int) -> int:
        """The product of an order."""
        return (order - 1) % self.last_product + 1

    def order(self, n: int) -> Row:
        """An order's row."""
        user, product = (n - 1) % self.last_user + 1, self.product_of(n)
        names = {"user_username": f"stored-{user}", "product_name": f"stored-{product}"}
        return {"id": n, "key": key(n), "user": user, "product": product, **names}

    def sale(self, n: int) -> Row:
        """What products has answered to an order."""
        return {"order": n, "order_key": key(n), "product": self.product_of(n)}

    def sold(self, n: int) -> Row:
        """What orders tells products of an order."""
        return {"id": self.product_of(n), "order": n, "order_key": key(n)}

    def answer(self, n: int) -> Row:
        """What products answers."""
        product = self.product_of(n)
        return {"order": n, "order_key": key(n), "product": {"id": product, "name": f"stored-{product}"}}


def key(order: int) -> str:
    """The name of an order that was filled in."""
    return f"{order:032x}"
