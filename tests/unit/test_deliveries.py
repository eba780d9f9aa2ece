"""What the relay remembers of its batches, for who watches the messages travel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis import deliveries
from chassis.batch import Batch
from chassis.connection import Connection
from chassis.deliveries import KEPT_MESSAGES, Deliveries
from chassis.handlers import Message
from chassis.outgoing import keep_connection
from tests.unit.services import Service


@pytest.fixture
def connection(near: Service) -> Iterator[Connection]:
    with keep_connection(near.settings).transaction() as connection:
        yield connection


def batch(first: int, last: int) -> Batch:
    numbers = range(first, last + 1)
    messages = [
        Message("users", "e" * 32, n, f"{n:032}", "orders.sender.send_user", "[[],{}]", "r", 0.0) for n in numbers
    ]
    return Batch("users", "e" * 32, first, "", messages)


def spans(connection: Connection) -> list[tuple[int, int, bool]]:
    """First, last and whether it was acknowledged, of each row."""
    rows = connection.execute("SELECT first, last, acknowledged_at FROM outbox_delivery ORDER BY first", {})
    return [(row.first, row.last, row.acknowledged_at is not None) for row in rows]


def deliver(sent: Deliveries, connection: Connection, first: int, last: int, applied: int) -> None:
    sent.sent(batch(first, last))
    sent.answered(applied)
    sent.write(connection)


def test_a_batch_that_is_answered_soon_is_written_down_once(connection: Connection) -> None:
    sent = Deliveries("orders")

    deliver(sent, connection, 1, 3, applied=3)

    assert spans(connection) == [(1, 3, True)]


def test_a_slow_batch_is_seen_under_way_and_then_acknowledged(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "SLOW_SECONDS", 0)
    sent = Deliveries("orders")
    sent.sent(batch(1, 3))

    assert sent.is_slow()
    assert not sent.is_slow()
    sent.write(connection)
    assert spans(connection) == [(1, 3, False)]

    sent.answered(3)
    sent.write(connection)
    assert spans(connection) == [(1, 3, True)]


def test_what_is_sent_again_takes_the_place_of_what_was_sent_before(connection: Connection) -> None:
    sent = Deliveries("orders")
    deliver(sent, connection, 1, 3, applied=3)
    deliver(sent, connection, 4, 6, applied=6)

    deliver(sent, connection, 2, 5, applied=4)

    assert spans(connection) == [(2, 4, True)]


def test_a_hello_is_no_message_and_gives_way_to_the_next_batch(connection: Connection) -> None:
    sent = Deliveries("orders")
    deliver(sent, connection, 1, 3, applied=3)

    deliver(sent, connection, 4, 3, applied=3)
    assert spans(connection) == [(1, 3, True), (4, 3, True)]

    deliver(sent, connection, 4, 4, applied=4)
    assert spans(connection) == [(1, 3, True), (4, 4, True)]


def test_old_batches_are_forgotten(connection: Connection) -> None:
    sent = Deliveries("orders")
    deliver(sent, connection, 1, 1, applied=1)

    deliver(sent, connection, KEPT_MESSAGES + 2, KEPT_MESSAGES + 2, applied=KEPT_MESSAGES + 2)

    assert spans(connection) == [(KEPT_MESSAGES + 2, KEPT_MESSAGES + 2, True)]
