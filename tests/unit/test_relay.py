"""The relay's process: whatever fails is tried again, a nudge wakes it, a new receiver is found."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from chassis import relay, tables
from chassis.batch import Batch
from chassis.nudge import nudge
from chassis.stream import Stream
from chassis.transport import BatchFailed
from tests.unit.services import RECEIVER, SENDER, Service
from tests.unit.wire import acknowledged, stream
from tests.waiting import eventually


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
        nudge(made.settings.nudge_path(made.receiver))
        made.join()


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


def test_a_commit_wakes_a_relay_that_would_sleep_long(
    far: Service, tmp_path: Any, running: Callable[[Stream], None]
) -> None:
    sleepy = Service(SENDER, tmp_path, RECEIVER, RELAY_POLL_SECONDS="3600")
    sleepy.rows(select(tables.epoch))
    sending = stream(sleepy, far.receive)
    running(sending)
    eventually(lambda: sending.transport.batches, "hello")
    sleepy.tell(10)

    eventually(lambda: far.notes() == [10], "note", 10)


def test_a_relay_does_without_flask_and_sqlalchemy() -> None:
    heavy = "'flask', 'sqlalchemy', 'marshmallow'"
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
    running = threading.Thread(target=relay.run, args=(near.settings, stopping))
    running.start()
    eventually(lambda: started == [RECEIVER], "the stream that is there")

    changed = Service(SENDER, tmp_path, RECEIVER, "reviews")
    changed.tell(2)
    eventually(lambda: started == [RECEIVER, "reviews"], "the new stream")

    stopping.set()
    running.join()
    changed.close()


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
