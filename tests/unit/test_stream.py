"""A stream: the oldest messages first, one batch at a time, and what is written down of it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from chassis.batch import Batch
from chassis.stream import LONGEST_GATHER_SECONDS
from tests.unit.services import RECEIVER, SENDER, Service
from tests.unit.wire import acknowledged, numbers, stream


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
    sending.step()
    sending.step()

    assert acknowledged(near) == 2


def test_a_new_relay_goes_on_where_the_database_says(near: Service, far: Service) -> None:
    near.tell(10, 11)
    first = stream(near, far.receive)
    first.step()
    first.save()
    near.tell(12)
    second = stream(near, far.receive)
    second.step()

    assert numbers(second.transport.batches[0]) == [3]


class Waits(threading.Event):
    """An event that notes how long it is waited for, and ends each wait at once."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Note the time."""
        self.seconds.append(timeout)
        return False


@pytest.mark.parametrize(
    ("messages", "took", "gathers"), [(1, 0.004, []), (2, 0.004, [0.02]), (2, 3.0, [LONGEST_GATHER_SECONDS])]
)
def test_a_stream_gathers_for_some_times_as_long_as_a_batch_of_several_took(
    near: Service, far: Service, monkeypatch: pytest.MonkeyPatch, messages: int, took: float, gathers: list[float]
) -> None:
    now = 0.0

    def deliver(batch: Batch) -> Any:
        nonlocal now
        now += took
        return far.receive(batch)

    for note in range(messages):
        near.tell(note)
    sending = stream(near, deliver)
    sending.stopping = waits = Waits()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    sending.step()

    assert waits.seconds == pytest.approx(gathers)
