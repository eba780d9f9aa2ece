"""The delay for the classroom: messages are held, and none is lost by it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.unit.services import RECEIVER, SENDER, Service
from tests.unit.wire import numbers, stream


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
