"""The inbox: each message takes effect once, in order, whatever the transport does with its batch."""

from __future__ import annotations

from functools import partial

import pytest
from rq.timeouts import JobTimeoutException
from sqlalchemy import select

from chassis import handlers, tables
from chassis.batch import Batch
from chassis.database_errors import Unavailable
from chassis.inbox import Inbox
from chassis.position import Answer, Position
from chassis.time_limit import time_limit
from tests.unit import services
from tests.unit.services import DAWDLE, RECEIVER, SENDER, Service, message

OTHER_EPOCH = "f" * 32
FOR_EVER_SECONDS = 3600


def batch(*notes: int, first: int = 1, epoch: str = "e" * 32) -> Batch:
    """Messages of these notes, numbered from the first."""
    messages = [message(first + n, note) for n, note in enumerate(notes)]
    return Batch(SENDER, epoch, first, f"{first - 1:032x}" if first > 1 else "", messages)


def at(seq: int) -> dict[str, object]:
    """The acknowledgement of all messages up to this one."""
    return {"applied": seq, "message_id": f"{seq:032x}" if seq else ""}


def dead(far: Service) -> list[int]:
    """The numbers of the dead letters."""
    return [letter.seq for letter in far.rows(select(tables.dead_letter))]


def test_a_batch_is_applied_in_order_and_acknowledged(far: Service) -> None:
    assert far.receive(batch(10, 11, 12)) == at(3)
    assert far.notes() == [10, 11, 12]


def test_a_repeat_changes_nothing_and_is_acknowledged(far: Service) -> None:
    far.receive(batch(10, 11))

    assert far.receive(batch(10, 11)) == at(2)
    assert far.notes() == [10, 11]


def test_of_an_overlapping_batch_only_the_new_messages_are_applied(far: Service) -> None:
    far.receive(batch(10, 11))

    assert far.receive(batch(10, 11, 12)) == at(3)
    assert far.notes() == [10, 11, 12]


def test_a_late_batch_changes_nothing_and_the_answer_tells_where_the_receiver_is(far: Service) -> None:
    far.receive(batch(10, 11, 12))

    assert far.receive(batch(10)) == at(3)
    assert far.notes() == [10, 11, 12]


def test_a_batch_that_leaves_a_gap_changes_nothing_and_the_answer_tells_where_to_resume(far: Service) -> None:
    far.receive(batch(10))

    assert far.receive(batch(12, first=3)) == at(1)
    assert far.notes() == [10]


def test_a_hello_is_answered_with_the_position(far: Service) -> None:
    assert far.receive(batch()) == at(0)
    far.receive(batch(10))
    assert far.receive(batch(first=2)) == at(1)


def test_messages_of_another_history_with_the_same_numbers_are_refused(far: Service) -> None:
    far.receive(batch(10, 11))
    other = [message(2, 99)._replace(message_id="a" * 32), message(3, 98)]

    assert far.receive(Batch(SENDER, "e" * 32, 2, f"{1:032x}", other)) == at(2)
    assert far.notes() == [10, 11]


def test_a_new_epoch_drops_the_replica_and_starts_over(far: Service) -> None:
    far.receive(batch(10, 11))

    assert far.receive(batch(20, epoch=OTHER_EPOCH)) == at(1)
    assert far.notes() == [20]


def test_a_late_batch_of_an_epoch_that_was_left_is_refused(far: Service) -> None:
    far.receive(batch(10))
    far.receive(batch(20, epoch=OTHER_EPOCH))

    assert far.receive(batch(10, 11)) == {"left": True}
    assert far.notes() == [20]


def test_a_new_epoch_that_begins_in_the_middle_is_asked_for_its_beginning(far: Service) -> None:
    far.receive(batch(10))

    assert far.receive(batch(21, first=2, epoch=OTHER_EPOCH)) == at(0)
    assert far.notes() == []


def test_a_poisonous_message_becomes_a_dead_letter_and_the_others_are_applied(far: Service) -> None:
    services.poisonous.add(11)

    assert far.receive(batch(10, 11, 12)) == at(3)
    assert (far.notes(), dead(far)) == ([10, 12], [2])


def test_a_dead_letter_keeps_the_message_and_its_error(far: Service) -> None:
    services.poisonous.add(10)
    far.receive(batch(10))

    letter = far.rows(select(tables.dead_letter))[0]
    assert (letter.sender, letter.seq, letter.handler, letter.payload) == (SENDER, 1, services.KEEP, "[[10],{}]")
    assert letter.error == "Poison: note 10 is poisonous"


def test_a_message_is_tried_again_before_it_is_given_up(far: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([True, True, False])  # in the batch, alone, alone once more
    tried: list[int] = []

    def fails_twice(note: int) -> None:
        tried.append(note)
        if next(failures):
            raise services.Poison

    monkeypatch.setitem(handlers._handlers, services.KEEP, fails_twice)

    assert far.receive(batch(10)) == at(1)
    assert (tried, dead(far)) == ([10, 10, 10], [])


def test_a_function_that_is_no_handler_is_never_called(far: Service) -> None:
    names = ["os.getcwd", "tests.waiting.eventually", "near.sender.keep", ""]
    messages = [message(n, handler=name) for n, name in enumerate(names, 1)]

    assert far.receive(Batch(SENDER, "e" * 32, 1, "", messages)) == at(4)
    assert dead(far) == [1, 2, 3, 4]
    assert {letter.error.partition(":")[0] for letter in far.rows(select(tables.dead_letter))} == {"UnknownHandler"}


@pytest.mark.parametrize("payload", ["", "{", "7", "[]", "[[1, 2], {}]", '[[], {"tone": 1}]', "[[[]], {}]"])
def test_a_payload_that_does_not_fit_its_handler_becomes_a_dead_letter(far: Service, payload: str) -> None:
    messages = [message(1)._replace(payload=payload), message(2, 11)]

    assert far.receive(Batch(SENDER, "e" * 32, 1, "", messages)) == at(2)
    assert (far.notes(), dead(far)) == ([11], [1])


def test_when_the_database_is_locked_nothing_is_applied_and_no_letter_dies(far: Service) -> None:
    far.rows(select(tables.inbox))
    impatient = Service(far.settings.domain, far.path.parent, "next", DATABASE_BUSY_SECONDS="0.05")
    with far.engine.begin(), pytest.raises(Unavailable):
        impatient.receive(batch(10))
    impatient.close()

    assert (far.notes(), dead(far)) == ([], [])
    assert far.receive(batch(10)) == at(1)


def test_two_senders_have_positions_of_their_own(far: Service) -> None:
    far.receive(batch(10))
    other = Batch("other", "e" * 32, 1, "", [message(1, 20)._replace(sender="other")])

    assert far.receive(other) == at(1)
    assert far.notes() == [10, 20]


def test_dead_letters_of_an_epoch_go_with_it(far: Service) -> None:
    services.poisonous.add(10)
    far.receive(batch(10))
    far.receive(batch(20, epoch=OTHER_EPOCH))

    assert dead(far) == []


def test_a_hello_whose_epoch_cannot_be_entered_fails_with_the_reason(
    far: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.receive(batch(10))

    def fails(sender: str, domain: str) -> None:
        raise services.Poison("the replica can't be dropped")

    monkeypatch.setattr("chassis.inbox.forget", fails)
    with pytest.raises(services.Poison):
        far.receive(batch(epoch=OTHER_EPOCH))


def receive_with_limit(far: Service, *messages: handlers.Message) -> Answer:
    """Let the receiver take these messages, with little time for their handlers."""
    with far.app.app_context():
        return Inbox(RECEIVER, partial(time_limit, 0.2)).receive(Batch(SENDER, "e" * 32, 1, "", messages))


def test_a_message_whose_handler_hangs_becomes_a_dead_letter_and_the_others_are_applied(far: Service) -> None:
    hanging = message(2, 11, FOR_EVER_SECONDS, handler=DAWDLE)

    assert receive_with_limit(far, message(1, 10), hanging, message(3, 12)) == at(3)
    assert (far.notes(), dead(far)) == ([10, 12], [2])
    assert far.rows(select(tables.dead_letter))[0].error == "TookTooLong: it did not end within 0.2 s"


def test_a_batch_that_takes_long_by_its_many_messages_is_applied_one_by_one(far: Service) -> None:
    assert receive_with_limit(far, *(message(n, n, 0.09, handler=DAWDLE) for n in (1, 2, 3))) == at(3)
    assert (far.notes(), dead(far)) == ([1, 2, 3], [])


def test_a_batch_that_hangs_outside_its_handlers_is_no_message_s_fault(
    far: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter, times = Inbox._enter, iter(range(1 + far.settings.message_attempts))

    def hangs_at_first(inbox: Inbox, batch: Batch) -> Position | None:
        for _ in times:
            raise JobTimeoutException("the database is slow")
        return enter(inbox, batch)

    monkeypatch.setattr(Inbox, "_enter", hangs_at_first)
    for _ in range(1 + far.settings.message_attempts):
        with pytest.raises(JobTimeoutException):
            far.receive(batch(10))

    assert far.receive(batch(10)) == at(1)
    assert (far.notes(), dead(far)) == ([10], [])
