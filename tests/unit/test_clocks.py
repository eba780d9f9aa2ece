"""The wall clock may be set back or forward while the suite runs: what is delivered, and when, does not change."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, text, update

from chassis import idempotency, tables
from chassis.api_journeys import CONTACTS
from chassis.stream import Stream
from chassis.transport import Transport
from tests.unit import services
from tests.unit.services import RECEIVER, SENDER, Domain, Service
from tests.unit.test_transport import BATCH
from users import api_commands, api_queries, base

ROOT = Path(__file__).parent.parent.parent
HOUR, DAY = 3600.0, 86400.0

# Who reads the wall clock, and for what; everything else measures time by the monotonic clock, which nobody sets.
WALL_CLOCK = {
    "chassis/dead_letters.py": "how long ago a letter failed: told, not decided on",
    "chassis/deliveries.py": "when a batch was sent and answered: told, not decided on",
    "chassis/idempotency.py": "until when an answer is kept: it has to outlive the process",
    "chassis/inbox.py": "when a letter failed: told, not decided on",
    "chassis/outbox.py": "when a message was committed: told, not decided on",
    "chassis/api_streams.py": "how old a message is: told, not decided on",
    "chassis/tracing.py": "when a line of the log was written: told, not decided on",
}

back_or_forward = pytest.mark.parametrize("step", [-HOUR, HOUR], ids=["back", "forward"])
either_way = pytest.mark.parametrize("step", [-HOUR, HOUR, -400 * DAY], ids=["back", "forward", "far back"])


class Clock:
    """The wall clock of this process, which a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._right, self._wrong_by = time.time, 0.0
        monkeypatch.setattr(time, "time", lambda: self._right() + self._wrong_by)

    def step(self, seconds: float) -> None:
        """Set it back or forward."""
        self._wrong_by += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that is right at first."""
    return Clock(monkeypatch)


@pytest.fixture
def users() -> Iterator[Domain]:
    """Users, with an empty database."""
    domain = Domain(base.app, base.db)
    domain.lose_database()
    yield domain
    domain.close()


def sign_up(name: str, key: str) -> Any:
    """What is answered to a new user."""
    client, headers = api_commands.app.test_client(), {"Idempotency-Key": key}
    return client.post("/api-commands/users", json={"username": name}, headers=headers)


class Receiver:
    """A transport that goes straight to a service."""

    def __init__(self, far: Service) -> None:
        self.far, self.batches = far, list[int]()

    def deliver(self, batch: Any, stopping: Any) -> Any:
        """Note how many messages came, and apply them."""
        self.batches.append(len(batch.messages))
        return self.far.receive(batch)


def stream(near: Service, far: Service) -> Stream:
    """The relay of near's stream, newly started."""
    made = Stream(near.settings, RECEIVER, threading.Event())
    made.transport = Receiver(far)  # type: ignore[assignment]
    return made


def test_only_these_files_read_the_wall_clock() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("chassis", "users", "products", "orders")
        for path in (ROOT / folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"time.time", "time.time_ns", "datetime.now"}
    }

    assert found == WALL_CLOCK.keys()


@either_way
def test_messages_are_delivered_in_the_order_of_their_commits(
    near: Service, far: Service, clock: Clock, step: float
) -> None:
    sending = stream(near, far)
    for note in range(6):
        near.tell(note)
        clock.step(step)
        if note % 2:
            sending.step()

    assert far.notes() == list(range(6))


def looks(redis: Redis, clock: Clock, step: float) -> Callable[[], bool]:
    """What the relay asks before each look for a result: a worker takes the job, then the clock is set."""
    turns = iter([lambda: redis.lpop(f"rq:queue:{RECEIVER}"), lambda: clock.step(step)])

    def stopping() -> bool:
        for turn in turns:
            turn()
            return False
        return True

    return stopping


@back_or_forward
def test_a_batch_is_given_the_time_that_it_has(redis: Redis, redis_url: str, clock: Clock, step: float) -> None:
    Transport(redis_url, RECEIVER, resend_seconds=30).deliver(BATCH, looks(redis, clock, step))

    assert len(redis.keys("rq:job:*")) == 1, "it was not given up by the wall clock"


@back_or_forward
def test_a_batch_that_was_lost_is_given_up_in_time(redis: Redis, redis_url: str, clock: Clock, step: float) -> None:
    Transport(redis_url, RECEIVER, resend_seconds=0.5).deliver(BATCH, looks(redis, clock, step))

    assert redis.keys("rq:job:*") == []


@either_way
def test_an_idle_stream_says_hello_as_often_as_before(
    near: Service, far: Service, clock: Clock, step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, now = stream(near, far), time.monotonic()
    sending.step()
    clock.step(step)
    sending.step()
    assert sending.transport.batches == [0], "not again at once"

    monkeypatch.setattr(time, "monotonic", lambda: now + near.settings.relay_hello_seconds + 1)
    sending.step()
    assert sending.transport.batches == [0, 0]


@either_way
def test_a_message_is_held_for_the_classroom_as_long_as_before(
    far: Service, clock: Clock, step: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, now = Service(SENDER, tmp_path, RECEIVER, REPLICATION_DELAY="600"), time.monotonic()
    slow.tell(10)
    sending = stream(slow, far)
    sending.step()
    clock.step(step)
    sending.step()
    assert far.notes() == []

    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    sending.step()
    slow.close()
    assert far.notes() == [10]


@pytest.mark.parametrize("step", [-1, -HOUR, HOUR, -400 * DAY])
def test_an_answer_is_kept_under_its_key(users: Domain, clock: Clock, step: float) -> None:
    first = sign_up("ana", "one")
    clock.step(step)
    again = sign_up("ana", "one")

    assert (first.status_code, again.json) == (200, first.json)
    assert "Idempotency-Replayed" in again.headers


def test_an_answer_is_kept_no_longer_than_a_day_after_the_clock_was_set_back(users: Domain, clock: Clock) -> None:
    sign_up("ana", "one")
    clock.step(-400 * DAY)
    sign_up("eva", "two")
    clock.step(DAY + 1)
    sign_up("ida", "three")

    assert [row.key for row in users.rows(select(tables.idempotency.c.key))] == ["three"]


@pytest.mark.parametrize("step", [-1, -HOUR, -400 * DAY])
def test_the_key_of_a_command_whose_process_died_is_free_again(users: Domain, clock: Clock, step: float) -> None:
    sign_up("ana", "one")
    with users.engine.begin() as connection:
        connection.execute(
            update(tables.idempotency).values(body=None, expires_at=time.time() + idempotency.CLAIM_KEPT_SECONDS)
        )
    clock.step(step)

    sign_up("eva", "two")
    clock.step(idempotency.CLAIM_KEPT_SECONDS + 1)
    assert "is taken" in sign_up("ana", "one").json["detail"], "the name is taken, not the key"


@either_way
def test_the_age_of_a_waiting_message_is_never_negative(users: Domain, clock: Clock, step: float) -> None:
    sign_up("ana", "one")
    clock.step(step)
    told = api_queries.app.test_client().get("/api-queries/users/streams").json["outgoing"][0]

    assert told["oldest_age"] >= max(0.0, step)


@either_way
def test_the_age_of_a_dead_letter_is_never_negative(far: Service, near: Service, clock: Clock, step: float) -> None:
    services.poisonous.add(10)
    near.tell(10)
    far.receive(near.batch())
    clock.step(step)
    listed = far.app.test_cli_runner().invoke(args=["dead-letters", "list"]).stdout

    assert f"failed {max(0.0, step):.0f} s ago" in listed


@either_way
def test_the_last_contact_with_a_receiver_is_the_one_that_was_last(
    near: Service, far: Service, clock: Clock, step: float
) -> None:
    sending = stream(near, far)
    near.tell(10)
    sending.step()
    clock.step(step)
    near.tell(11)
    before = time.time()
    sending.step()
    sending.save()
    [contact] = near.rows(text(CONTACTS))

    assert before <= contact.sent_at <= contact.answered_at <= time.time()


def test_a_contact_that_was_not_answered_yet_tells_the_last_answer(near: Service, far: Service) -> None:
    sending = stream(near, far)
    near.tell(10)
    sending.step()
    near.tell(11)
    sending.deliveries.sent(sending.next_batch())
    sending.deliveries.noted.append(
        {"receiver": RECEIVER, "first": 2, "last": 2, "sent_at": time.time(), "acknowledged_at": None}
    )
    sending.save()
    [contact] = near.rows(text(CONTACTS))

    assert contact.sent_at > contact.answered_at
