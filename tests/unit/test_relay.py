"""The relay: sends the oldest messages first, one batch at a time, and believes only what it can check."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from chassis import backup, relay, tables
from chassis.batch import Batch
from chassis.stream import Stream
from chassis.transport import BatchFailed
from tests.unit.services import RECEIVER, SENDER, Service
from tests.waiting import eventually


class Wire:
    """A transport that hands each batch to a function."""

    def __init__(self, deliver: Callable[[Batch], Any]) -> None:
        self.batches: list[Batch] = []
        self._deliver = deliver

    def deliver(self, batch: Batch, stopping: Callable[[], bool]) -> Any:
        """Note the batch and return the receiver's answer."""
        self.batches.append(batch)
        return self._deliver(batch)


def stream(near: Service, deliver: Callable[[Batch], Any]) -> Stream:
    """The relay of near's stream, newly started."""
    made = Stream(near.settings, near.engine, RECEIVER, threading.Event())
    made.transport = Wire(deliver)  # type: ignore[assignment]
    return made


@pytest.fixture
def running() -> Iterator[Callable[[Stream], None]]:
    """Starts relays and stops them after the test."""
    started: list[Stream] = []

    def start(made: Stream) -> None:
        started.append(made)
        made.start()

    yield start
    for made in started:
        made.stopping.set()
        made.woken.set()
        made.join()


def acknowledged(near: Service) -> int:
    """How far the sender's database says that its receiver is."""
    return int(near.rows(select(tables.stream.c.acknowledged))[0].acknowledged)


def numbers(batch: Batch) -> list[int]:
    """The numbers of the messages in a batch."""
    return [message.seq for message in batch.messages]


def test_what_is_not_acknowledged_is_sent_oldest_first(near: Service, far: Service) -> None:
    near.tell(10, 11, 12)
    sending = stream(near, far.receive)
    sending.step()
    near.tell(13)
    sending.step()

    assert [numbers(batch) for batch in sending.transport.batches] == [[1, 2, 3], [4]]
    assert far.notes() == [10, 11, 12, 13]


def test_a_batch_holds_no_more_messages_than_it_is_set_to(near: Service, far: Service, tmp_path: Any) -> None:
    small = Service(SENDER, tmp_path, RECEIVER, RELAY_BATCH_MESSAGES="2")
    small.tell(10, 11, 12)
    sending = stream(small, far.receive)
    sending.step()
    sending.step()
    small.close()

    assert [numbers(batch) for batch in sending.transport.batches] == [[1, 2], [3]]


def test_a_batch_names_the_message_before_it(near: Service, far: Service) -> None:
    near.tell(10)
    sending = stream(near, far.receive)
    sending.step()
    near.tell(11)

    assert sending.next_batch().after == near.sent()[0].message_id


def test_a_stream_without_messages_says_hello_once(near: Service, far: Service) -> None:
    sending = stream(near, far.receive)
    sending.woken.set()
    sending.patience = lambda: 0.0  # type: ignore[method-assign]
    sending.step()
    sending.step()

    assert [numbers(batch) for batch in sending.transport.batches] == [[]]


def test_a_lost_batch_is_sent_again(near: Service, far: Service) -> None:
    near.tell(10)
    lost = iter([True, False])
    sending = stream(near, lambda batch: None if next(lost) else far.receive(batch))
    sending.step()
    sending.step()

    assert [numbers(batch) for batch in sending.transport.batches] == [[1], [1]]
    assert far.notes() == [10]


def test_an_acknowledgement_is_written_down_when_the_stream_is_idle(near: Service, far: Service) -> None:
    near.tell(10, 11)
    sending = stream(near, far.receive)
    sending.patience = lambda: 0.0  # type: ignore[method-assign]
    sending.step()
    sending.step()

    assert acknowledged(near) == 2


def test_a_relay_that_is_told_to_end_writes_down_the_acknowledgement_of_the_batch_in_hand(
    near: Service, far: Service, running: Callable[[Stream], None]
) -> None:
    near.tell(10)

    def deliver(batch: Batch) -> Any:
        sending.stopping.set()
        return far.receive(batch)

    sending = stream(near, deliver)
    running(sending)
    sending.join(30)

    assert acknowledged(near) == 1


def test_a_new_relay_goes_on_where_the_database_says(near: Service, far: Service) -> None:
    near.tell(10, 11)
    first = stream(near, far.receive)
    first.step()
    first.save()
    near.tell(12)
    second = stream(near, far.receive)
    second.step()

    assert numbers(second.transport.batches[0]) == [3]


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


@pytest.mark.parametrize(
    "failure",
    [RedisAway("gone"), BatchFailed("locked"), OperationalError("SELECT", {}, OSError()), OSError(), KeyError("odd")],
    ids=lambda failure: type(failure).__name__,
)
def test_whatever_fails_is_tried_again(
    near: Service, far: Service, failure: Exception, running: Callable[[Stream], None]
) -> None:
    near.tell(10)
    failures = iter([failure, failure])

    def deliver(batch: Batch) -> Any:
        for error in failures:
            raise error
        return far.receive(batch)

    running(stream(near, deliver))

    eventually(lambda: far.notes() == [10], "note")


def test_a_nudge_wakes_a_relay_that_would_sleep_long(
    far: Service, tmp_path: Any, running: Callable[[Stream], None]
) -> None:
    sleepy = Service(SENDER, tmp_path, RECEIVER, RELAY_POLL_SECONDS="3600")
    sleepy.rows(select(tables.epoch))
    sending = stream(sleepy, far.receive)
    running(sending)
    eventually(lambda: sending.transport.batches, "hello")
    sleepy.tell(10)
    sending.woken.set()

    eventually(lambda: far.notes() == [10], "note", 10)


def delayed(tmp_path: Any) -> Service:
    """A sender whose messages are held for an hour."""
    return Service(SENDER, tmp_path, RECEIVER, REPLICATION_DELAY="3600")


def test_a_delay_for_the_classroom_holds_messages_back(far: Service, tmp_path: Any) -> None:
    slow = delayed(tmp_path)
    slow.tell(10)
    sending = stream(slow, far.receive)
    sending.step()
    slow.close()

    assert [numbers(batch) for batch in sending.transport.batches] == [[]]


def test_a_held_message_is_sent_when_its_time_has_come(
    far: Service, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = delayed(tmp_path)
    slow.tell(10)
    sending = stream(slow, far.receive)
    sending.step()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3601)
    sending.step()
    slow.close()

    assert far.notes() == [10]


def test_a_delay_does_not_make_a_new_relay_start_over(near: Service, far: Service, tmp_path: Any) -> None:
    near.tell(10, 11)
    before = near.epoch()
    first = stream(near, far.receive)
    first.step()
    first.save()
    slow = delayed(tmp_path)
    stream(slow, far.receive).step()
    slow.close()

    assert near.epoch() == before


def test_a_relay_does_without_flask_and_the_orm() -> None:
    heavy = "'flask', 'sqlalchemy.orm', 'marshmallow'"
    found = f"import sys, chassis.relay; print([name for name in ({heavy}) if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_receiver_that_is_new_is_found_by_a_relay_that_runs(
    near: Service, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(Stream, "run", lambda stream: started.append(stream.receiver))
    monkeypatch.setattr(relay, "RECEIVERS_SECONDS", 0.02)
    stopping = threading.Event()
    near.tell(1)
    running = threading.Thread(target=relay.run, args=(near.settings, near.engine, stopping))
    running.start()
    eventually(lambda: started == [RECEIVER], "the stream that is there")

    changed = Service(SENDER, tmp_path, RECEIVER, "reviews")
    changed.tell(2)
    eventually(lambda: started == [RECEIVER, "reviews"], "the new stream")

    stopping.set()
    running.join()
    changed.close()
