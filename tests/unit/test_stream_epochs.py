"""A stream believes of its receiver only what it can check: lost databases, older copies, forged answers."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from sqlalchemy import update

from chassis import backup, tables
from chassis.transport import BatchFailed
from tests.unit.services import Service
from tests.unit.wire import acknowledged, numbers, stream


def test_a_receiver_that_lost_its_database_gets_everything_again(near: Service, far: Service) -> None:
    near.tell(10, 11)
    sending = stream(near, far.receive)
    sending.step()
    far.lose_database()
    near.tell(12)
    sending.step()
    sending.step()

    assert far.notes() == [10, 11, 12]


def test_a_sender_whose_messages_its_receiver_does_not_know_starts_a_new_epoch(near: Service) -> None:
    near.tell(10)
    before = near.epoch()
    sending = stream(near, lambda batch: {"applied": 1, "message_id": "f" * 32})
    sending.step()

    assert near.epoch() != before
    assert sending.next_batch().first == 1


def test_a_sender_that_is_told_of_more_than_it_sent_starts_a_new_epoch(near: Service) -> None:
    near.tell(10)
    before = near.epoch()
    stream(near, lambda batch: {"applied": 2, "message_id": "f" * 32}).step()

    assert near.epoch() != before


def test_an_epoch_that_was_left_meanwhile_is_not_left_again(near: Service) -> None:
    near.tell(10)
    sending, other = (stream(near, lambda batch: {"left": True}) for _ in range(2))
    late = other.next_batch()
    sending.step()
    second_life = near.epoch()
    other.take_answer(late, {"left": True})

    assert near.epoch() == second_life


def test_an_acknowledgement_of_an_earlier_epoch_is_not_written_down(near: Service, far: Service) -> None:
    near.tell(10)
    sending = stream(near, far.receive)
    sending.step()
    with near.engine.begin() as connection:
        connection.execute(update(tables.epoch).values(epoch="f" * 32))
    sending.save()

    assert acknowledged(near) == 0


def test_a_copy_that_was_restored_under_a_running_relay_learns_what_was_acknowledged(
    near: Service, far: Service
) -> None:
    near.tell(10, 11)
    backup.copy(near.path, near.path.with_suffix(".copy"))
    sending = stream(near, far.receive)
    sending.step()
    sending.save()
    near.lose_database()
    shutil.copyfile(near.path.with_suffix(".copy"), near.path)
    sending.next_batch()
    sending.save()

    assert acknowledged(near) == 2


@pytest.mark.parametrize(
    "answer",
    [
        {}, [], 7, "ok", {"applied": -1, "message_id": ""}, {"applied": "1", "message_id": ""}, {"applied": 1},
        {"applied": 2**70, "message_id": "a"}, {"left": "yes"},
    ],
)  # fmt: skip
def test_an_answer_that_is_no_acknowledgement_changes_nothing(near: Service, answer: Any) -> None:
    near.tell(10)
    before = near.epoch()
    sending = stream(near, lambda batch: answer)
    with pytest.raises(BatchFailed):
        sending.step()

    assert (near.epoch(), numbers(sending.next_batch())) == (before, [1])
