"""The outbox: a message commits with its row, and gets its number with it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from chassis import tables
from chassis.database import execute, transaction
from chassis.outgoing import keep_connection, leave_epoch
from chassis.tracing import working_on
from tests.unit.services import KEEP, RECEIVER, Service, keep


def test_a_row_and_its_message_commit_together(near: Service) -> None:
    near.tell(7)

    assert near.notes() == [7]
    assert [(m.seq, m.handler, m.payload) for m in near.sent()] == [(1, KEEP, "[[7],{}]")]


def test_when_the_block_raises_neither_the_row_nor_the_message_is_there(near: Service) -> None:
    with near.app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        execute("INSERT INTO notes (note) VALUES (1)")
        near.outboxes[RECEIVER].enqueue(KEEP, 1)
        raise ZeroDivisionError

    assert (near.notes(), near.sent()) == ([], [])


def test_an_undone_message_leaves_no_gap_in_the_numbers(near: Service) -> None:
    near.tell(1)
    with near.app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        near.outboxes[RECEIVER].enqueue(KEEP, 2)
        raise ZeroDivisionError
    near.tell(3)

    assert [m.seq for m in near.sent()] == [1, 2]


def test_a_message_outside_a_transaction_is_refused(near: Service) -> None:
    with near.app.app_context(), pytest.raises(RuntimeError, match="inside `with transaction"):
        near.outboxes[RECEIVER].enqueue(KEEP, 1)


def test_a_message_after_the_transaction_is_refused(near: Service) -> None:
    with near.app.app_context():
        with transaction():
            near.outboxes[RECEIVER].enqueue(KEEP, 1)
        with pytest.raises(RuntimeError):
            near.outboxes[RECEIVER].enqueue(KEEP, 2)

    assert len(near.sent()) == 1


def test_an_argument_that_is_not_json_is_refused_and_nothing_is_written(near: Service) -> None:
    with near.app.app_context(), pytest.raises(TypeError), transaction():
        execute("INSERT INTO notes (note) VALUES (1)")
        near.outboxes[RECEIVER].enqueue(KEEP, object())

    assert near.notes() == []


def test_a_name_that_the_table_has_no_room_for_is_refused_to_who_gives_it(near: Service) -> None:
    with near.app.app_context(), pytest.raises(ValueError, match="longer than 200"), transaction():
        near.outboxes[RECEIVER].enqueue("orders.sender." + "x" * 200)


def test_a_handler_may_be_named_by_its_function(near: Service) -> None:
    with near.app.app_context(), transaction():
        near.outboxes[RECEIVER].enqueue(keep, 1, loud=True)

    assert [(m.handler, m.payload) for m in near.sent()] == [(KEEP, '[[1],{"loud":true}]')]


def test_a_message_carries_the_request_that_caused_it(near: Service) -> None:
    with working_on("course-1"):
        near.tell(1)

    assert near.sent()[0].request_id == "course-1"


def test_messages_of_concurrent_transactions_are_numbered_without_gaps_in_the_order_of_their_commits(
    near: Service,
) -> None:
    threads = [threading.Thread(target=lambda n=n: [near.tell(100 * n + i) for i in range(10)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [m.seq for m in near.sent()] == list(range(1, 41))
    assert [int(m.payload[2:-5]) for m in near.sent()] == near.notes()


def test_each_receiver_has_numbers_of_its_own(far: Service, near: Service) -> None:
    near.tell(1, 2)
    far.tell(3)

    assert [m.seq for m in near.sent()] == [1, 2]
    assert [m.seq for m in far.sent("next")] == [1]


def test_a_stream_is_there_before_its_first_message(near: Service) -> None:
    assert near.rows(select(tables.stream)) == [(RECEIVER, 0, 0)]


def test_a_new_epoch_sends_everything_again(near: Service) -> None:
    near.tell(1, 2)
    before = near.epoch()
    with near.engine.begin() as connection:
        connection.execute(tables.stream.update().values(acknowledged=2))
    with keep_connection(near.settings).transaction() as connection:
        leave_epoch(connection, before)

    assert near.epoch() != before
    assert near.rows(select(tables.stream)) == [(RECEIVER, 2, 0)]
    assert len(near.sent()) == 2


def test_a_database_that_was_deleted_comes_back_empty_under_a_new_epoch(near: Service) -> None:
    near.tell(1)
    before = near.epoch()
    near.lose_database()

    assert near.notes() == []
    assert near.epoch() != before
