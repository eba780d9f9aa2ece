"""Orders and stock: what the two domains say to each other, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from chassis import handlers
from chassis.batch import Batch
from chassis.database import execute, transaction
from chassis.handlers import Message
from orders import api_commands as orders_commands
from orders import base as orders_base
from products import api_commands as products_commands
from products import base as products_base
from tests.unit.services import Domain

KEY = "k" * 32
USERS = "e" * 32


@pytest.fixture(autouse=True)
def loaded() -> None:
    """Let both domains' handlers be found."""
    handlers.load("orders")
    handlers.load("products")


@pytest.fixture
def orders() -> Iterator[Domain]:
    """Orders, which knows one user."""
    domain = Domain(orders_base.app, orders_base.db)
    domain.lose_database()
    user = Message(
        "users", USERS, 1, "u" * 32, "orders.sender.send_user", '[[{"id": 1, "username": "ana"}], {}]', "-", 0.0
    )
    domain.receive(Batch("users", USERS, 1, "", [user]))
    yield domain
    domain.close()


@pytest.fixture
def products() -> Iterator[Domain]:
    """Products, which has none."""
    domain = Domain(products_base.app, products_base.db)
    domain.lose_database()
    yield domain
    domain.close()


@pytest.fixture
def product(orders: Domain, products: Domain) -> int:
    """A product with 10 pieces, which orders knows of."""
    id = create_product()
    carry(products, orders)
    return id


def create_product() -> int:
    """A product with 10 pieces at the owner."""
    body = {"name": "frame", "description": "", "value": 250, "stock": 10}
    id: int = products_commands.app.test_client().post("/api-commands/products", json=body).json["id"]
    return id


def carry(sender: Domain, receiver: Domain) -> None:
    """Deliver everything that was ever sent; the inbox leaves out what it has."""
    receiver.receive(sender.batch(to=receiver.settings.domain))


def set_stock(product: int, stock: int) -> None:
    """Change the stock at the owner; orders has not heard of it yet."""
    answer = products_commands.app.test_client().put(f"/api-commands/products/{product}", json={"stock": stock})
    assert answer.status_code == 200


def place(orders: Domain, product: int, quantity: int) -> int:
    """An order that has been accepted and decided on, of which products has not heard yet."""
    body = {"user": 1, "product": product, "quantity": quantity}
    id: int = orders_commands.app.test_client().post("/api-commands/orders", json=body).json["id"]
    carry(orders, orders)
    return id


def row(domain: Domain, table: str, id: int = 1) -> Any:
    """A row as it is now."""
    return domain.rows(text(f"SELECT * FROM {table} WHERE id = {id}"))[0]


def state(orders: Domain, order: int = 1) -> tuple[str, str | None]:
    """An order's state and why it failed."""
    found = row(orders, "orders", order)
    return found.state, found.reason


def replica(orders: Domain, product: int = 1) -> tuple[int, int]:
    """What orders knows of a product: its stock, and how much of it is promised."""
    found = row(orders, "products", product)
    return found.stock, found.reserved


def say(domain: Domain, handler: str, *args: Any, sender: str = "products", seq: int = 1000) -> None:
    """Run a handler as the inbox does, with a message that no outbox holds."""
    message = Message(sender, USERS, seq, "m" * 32, handler, orjson.dumps([args, {}]).decode(), "-", 0.0)
    with domain.app.app_context(), transaction():
        handlers.handle(message, domain.settings.domain)


def sale(products: Domain, **members: Any) -> dict[str, Any]:
    """What orders says of an order of 4."""
    return {"id": 1, "catalogue": products.epoch(), "quantity": 4, "order": 1, "order_key": KEY, **members}


def answers(products: Domain) -> list[dict[str, Any]]:
    """What products answered to orders."""
    sent = [message for message in products.sent("orders") if message.handler == "orders.updater.product_updated"]
    return [orjson.loads(message.payload)[0][0] for message in sent]


def test_with_enough_in_stock_an_order_is_completed_and_its_quantity_promised(orders: Domain, product: int) -> None:
    order = place(orders, product, 4)

    assert state(orders, order) == ("completed", None)
    assert replica(orders) == (10, 4)


def test_when_products_has_answered_the_stock_is_its_own_and_nothing_is_promised(
    orders: Domain, products: Domain, product: int
) -> None:
    order = place(orders, product, 4)
    carry(orders, products)
    carry(products, orders)

    assert state(orders, order) == ("completed", None)
    assert replica(orders) == (6, 0)
    assert row(products, "products").stock == 6


def test_what_is_promised_is_not_promised_again(orders: Domain, product: int) -> None:
    place(orders, product, 7)
    second = place(orders, product, 4)

    assert state(orders, second) == ("processing", None)
    assert replica(orders) == (10, 7)


def test_with_too_little_in_stock_an_order_fails_with_the_reason(
    orders: Domain, products: Domain, product: int
) -> None:
    order = place(orders, product, 11)
    assert state(orders, order) == ("processing", None)
    carry(orders, products)
    carry(products, orders)

    assert state(orders, order) == ("failed", "only 10 in stock, 11 ordered")
    assert replica(orders) == (10, 0)


def test_an_order_is_completed_by_a_restock_that_was_still_on_its_way(
    orders: Domain, products: Domain, product: int
) -> None:
    set_stock(product, 20)
    order = place(orders, product, 15)
    assert state(orders, order) == ("processing", None)
    carry(orders, products)
    carry(products, orders)

    assert state(orders, order) == ("completed", None)
    assert replica(orders) == (5, 0)


def test_a_completed_order_is_compensated_when_the_stock_was_lowered_meanwhile(
    orders: Domain, products: Domain, product: int
) -> None:
    set_stock(product, 3)
    order = place(orders, product, 4)
    assert state(orders, order) == ("completed", None)
    carry(orders, products)
    carry(products, orders)

    assert state(orders, order) == ("failed", "only 3 in stock, 4 ordered")
    assert replica(orders) == (3, 0)
    assert row(products, "products").stock == 3


def test_an_order_that_is_processed_twice_is_promised_and_asked_for_once(orders: Domain, product: int) -> None:
    order = place(orders, product, 4)
    say(orders, "orders.base.process_order", order, sender="orders")

    assert replica(orders) == (10, 4)
    assert len(orders.sent("products")) == 1


def test_an_order_that_is_not_there_is_passed_over(orders: Domain, product: int) -> None:
    say(orders, "orders.base.process_order", 99, sender="orders")

    assert orders.sent("products") == []


def test_a_repeated_sale_is_answered_the_same_and_takes_nothing(products: Domain, product: int) -> None:
    say(products, "products.updater.update_product", sale(products), sender="orders")
    say(products, "products.updater.update_product", sale(products), sender="orders")

    assert row(products, "products").stock == 6
    first, second = answers(products)
    assert first == second
    assert (first["accepted"], first["product"]["stock"]) == (True, 6)


def test_a_refused_sale_stays_refused_after_a_restock(products: Domain, product: int) -> None:
    say(products, "products.updater.update_product", sale(products, quantity=11), sender="orders")
    set_stock(product, 20)
    say(products, "products.updater.update_product", sale(products, quantity=11), sender="orders")

    assert row(products, "products").stock == 20
    assert [answer["reason"] for answer in answers(products)] == ["only 10 in stock, 11 ordered"] * 2


def test_a_sale_from_another_catalogue_takes_nothing(products: Domain, product: int) -> None:
    say(products, "products.updater.update_product", sale(products, catalogue="0" * 32), sender="orders")

    assert row(products, "products").stock == 10
    assert answers(products)[0]["reason"] == "the catalogue was replaced after the order was placed"


def test_a_sale_of_a_product_that_is_not_there_is_refused(products: Domain, product: int) -> None:
    say(products, "products.updater.update_product", sale(products, id=99), sender="orders")

    answer = answers(products)[0]
    assert (answer["accepted"], answer["reason"], answer["product"]) == (False, "there is no such product", None)


def test_the_first_answer_counts(orders: Domain, products: Domain, product: int) -> None:
    order = place(orders, product, 4)
    carry(orders, products)
    carry(products, orders)
    refused = {**answers(products)[0], "accepted": False, "reason": "late"}
    say(orders, "orders.updater.product_updated", refused)

    assert state(orders, order) == ("completed", None)
    assert replica(orders) == (6, 0)


def test_an_answer_to_an_order_of_an_earlier_database_with_the_same_id_changes_no_order(
    orders: Domain, products: Domain, product: int
) -> None:
    order = place(orders, product, 4)
    carry(orders, products)
    other = {**answers(products)[0], "order_key": KEY, "accepted": False, "reason": "not this one"}
    say(orders, "orders.updater.product_updated", other)

    assert state(orders, order) == ("completed", None)
    assert replica(orders) == (6, 4)  # the product is brought all the same; the promise stands


def test_an_older_message_about_a_product_does_not_overwrite_a_newer_one(
    orders: Domain, products: Domain, product: int
) -> None:
    set_stock(product, 20)
    carry(products, orders)
    say(orders, "orders.putter.put_product", {"id": 1, "name": "old", "description": "", "value": 1, "stock": 1}, seq=1)

    assert (row(orders, "products").name, replica(orders)) == ("frame", (20, 0))


def test_a_dead_letter_that_is_retried_late_does_not_overwrite_what_came_after_it(
    orders: Domain, products: Domain, product: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stock(product, 20)
    set_stock(product, 30)
    batch = products.batch(to="orders")
    broken = batch.messages[1]._replace(payload='[[{"id": 1}], {}]')
    orders.receive(replace(batch, messages=[batch.messages[0], broken, batch.messages[2]]))
    with orders.app.app_context(), transaction():
        execute("UPDATE dead_letter SET payload = :payload", payload=batch.messages[1].payload)
    done = orders.app.test_cli_runner().invoke(args=["dead-letters", "retry", "--all"])

    assert done.stdout == "1: applied\n"
    assert replica(orders) == (30, 0)


def test_what_was_promised_of_a_lost_catalogue_is_not_promised_of_the_next_one(
    orders: Domain, products: Domain, product: int
) -> None:
    order = place(orders, product, 4)
    products.lose_database()
    create_product()
    carry(products, orders)
    carry(orders, products)
    carry(products, orders)

    assert state(orders, order) == ("failed", "the catalogue was replaced after the order was placed")
    assert replica(orders) == (10, 0)
