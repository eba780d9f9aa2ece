"""Any interleaving of faults keeps the order and exactly-once, and ends with equal replicas.

Real are the outbox and the inbox with their SQLite files, and the relay's logic; the transport between them
loses, repeats, delays and reorders batches and answers. Either side crashes, is restored from an older copy,
or loses its database. Model: a dict from the name of each message to the notes of its history up to it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
import pytest
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from chassis import backup, dead_letters, inbox, tables
from chassis.batch import Batch
from chassis.stream import Stream
from tests.unit import services
from tests.unit.services import RECEIVER, SENDER, Service

# A relay that is not disturbed delivers everything in fewer rounds than this: two for each batch, and a
# handful for each epoch that has to be left.
ROUNDS = 60
MOST_NOTES = 25
SOAK_EXAMPLES = 3000

places = strategies.integers(0, 1000)  # in a list, counted from its end
either = strategies.sampled_from(["near", "far"])


class Delivery(RuleBasedStateMachine):
    """One stream, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.near = Service(SENDER, self.folder, RECEIVER, RELAY_BATCH_MESSAGES="3")
        self.far = Service(RECEIVER, self.folder, MESSAGE_ATTEMPTS="1")
        self.near.db.make()
        self.relay = self.new_relay()
        self.in_flight: Batch | None = None
        self.answer: Any = None
        self.batches: list[dict[str, Any]] = []  # all that were ever sent, as they travel
        self.history: dict[str, list[int]] = {"": []}
        self.copies: dict[Service, list[Path]] = {self.near: [], self.far: []}
        self.poisoned: set[int] = set()
        self.written = 0

    def new_relay(self) -> Stream:
        """A relay that knows what the database tells, and nothing else."""
        return Stream(self.near.settings, RECEIVER, threading.Event())

    # --- what the sender does

    @rule(count=strategies.integers(1, 4), poison=strategies.integers(0, 9))
    def commit(self, count: int, poison: int) -> None:
        """The sender commits notes with their messages; now and then one cannot be applied."""
        if self.written >= MOST_NOTES:
            return
        notes = range(self.written, self.written + count)
        self.written += count
        if poison == 0:
            services.poisonous.add(notes[0])
            self.poisoned.add(notes[0])
        self.near.tell(*notes)
        told = self.near.notes()
        for n, message in enumerate(self.near.sent()):
            self.history[message.message_id] = told[: n + 1]

    @precondition(lambda self: self.in_flight is None)
    @rule()
    def send(self) -> None:
        """The relay sends a batch, or a hello."""
        self.in_flight, self.answer = self.relay.next_batch(), None
        self.batches.append(self.in_flight.dump())

    @precondition(lambda self: self.answer is not None)
    @rule()
    def hear(self) -> None:
        """The relay hears the answer to what it has in flight."""
        self.relay.take_answer(self.in_flight, self.answer)
        self.in_flight = self.answer = None

    @rule()
    def save(self) -> None:
        """The relay writes down what was acknowledged."""
        self.relay.save()

    @precondition(lambda self: self.in_flight is None)
    @rule()
    def send_and_hear(self) -> None:
        """A round without a fault."""
        self.send()
        self.deliver()
        self.hear()

    # --- what happens on the way

    @precondition(lambda self: self.in_flight)
    @rule()
    def deliver(self) -> None:
        """The batch in flight arrives."""
        self.answer = self.far.receive(Batch.load(self.batches[-1]))

    @precondition(lambda self: self.batches)
    @rule(place=places)
    def deliver_late(self, place: int) -> None:
        """Any batch that was ever sent arrives, once more or at last; nobody waits for its answer."""
        self.far.receive(Batch.load(self.batches[-1 - place % len(self.batches)]))

    @precondition(lambda self: self.in_flight)
    @rule()
    def lose(self) -> None:
        """The batch or its answer is lost, and the relay notices it."""
        self.in_flight = self.answer = None

    # --- what breaks

    @rule()
    def crash_relay(self) -> None:
        """The relay dies with what it had in memory."""
        self.near.db.make()
        self.relay = self.new_relay()
        self.in_flight = self.answer = None

    @rule(which=either)
    def copy(self, which: str) -> None:
        """An operator makes a backup."""
        service = getattr(self, which)
        service.rows(select(tables.epoch))  # makes the database where there is none
        path = self.folder / f"{which}-{len(self.copies[service])}.copy"
        backup.copy(service.path, path)
        self.copies[service].append(path)

    @rule(place=places, which=either)
    def restore(self, place: int, which: str) -> None:
        """An operator restores any backup, without stopping the relay."""
        service = getattr(self, which)
        if copies := self.copies[service]:
            service.lose_database()
            shutil.copyfile(copies[-1 - place % len(copies)], service.path)

    @rule(which=either)
    def delete(self, which: str) -> None:
        """A database is lost; its commands app makes another."""
        service = getattr(self, which)
        service.lose_database()
        service.db.make()

    @precondition(lambda self: self.in_flight is None)
    @rule(lost=strategies.integers(1, 3), other=strategies.integers(0, 4))
    def live_two_lives(self, lost: int, other: int) -> None:
        """The receiver hears of messages that the sender then loses, and gives their numbers to others.

        The single rules come to this as well, but seldom.
        """
        self.copy("near")
        self.commit(lost, poison=1)
        self.send_and_hear()
        self.restore(0, "near")
        self.commit(other, poison=1)

    # --- dead letters

    @rule()
    def mend_and_retry(self) -> None:
        """The handler is mended, and an operator applies the dead letters."""
        services.poisonous.clear()
        with self.far.app.app_context():
            for letter in dead_letters.letters():
                dead_letters.retry(letter.id)

    # --- what must hold

    @invariant()
    def each_message_took_effect_once_and_in_order(self) -> None:
        """The receiver has what its last message's history tells; a dead letter may take effect later."""
        position = self.far.rows(select(tables.inbox.c.message_id).filter_by(sender=SENDER))
        told = self.history[position[0].message_id if position else ""]
        kept, buried = self.far.notes(), self.buried()
        assert sorted(kept + buried) == sorted(told), "a message was lost, or took effect twice"
        in_order = [note for note in told if note not in self.poisoned]
        assert [note for note in kept if note not in self.poisoned] == in_order, "messages took effect out of order"

    @rule()
    def settle(self) -> None:
        """Left alone, the relay brings everything to its end."""
        self.lose()
        for _ in range(ROUNDS):
            self.send()
            self.deliver()
            self.hear()
            self.save()
            if self.is_settled():
                return
        raise AssertionError(f"not settled after {ROUNDS} rounds")

    def is_settled(self) -> bool:
        """Whether the replica equals the original, and the sender knows it."""
        stream = self.near.rows(select(tables.stream))[0]
        return stream.last == stream.acknowledged and sorted(self.far.notes() + self.buried()) == self.near.notes()

    def buried(self) -> list[int]:
        """The notes of the dead letters."""
        return [orjson.loads(letter.payload)[0][0] for letter in self.far.rows(select(tables.dead_letter))]

    def teardown(self) -> None:
        """Whatever has happened, it converges."""
        try:
            self.settle()
            self.each_message_took_effect_once_and_in_order()
        finally:
            self.near.close()
            self.far.close()
            services.poisonous.clear()
            shutil.rmtree(self.folder)


def search(examples: int, **more: Any) -> settings:
    """How far to look; `--hypothesis-profile=soak` looks further."""
    examples = max(examples, SOAK_EXAMPLES if settings.get_current_profile_name() == "soak" else 0)
    return settings(
        max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), **more
    )


TestDelivery = Delivery.TestCase
TestDelivery.settings = search(40)


GUARDS = {
    "the inbox looks only at numbers, not at names": (inbox.Position, "is_in", lambda self, batch: True),
    "the inbox applies what it has applied": (inbox.Position, "comes_before", lambda self, message: True),
    "the relay believes what its receiver has": (Stream, "message_id", lambda self, seq, batch: mock.ANY),
    "the relay does not start over": (Stream, "start_over", lambda self, batch, why: None),
    "the receiver keeps what it has in a new epoch": (inbox, "forget", lambda sender, domain: None),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_the_machine_finds_the_fault_when(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*GUARDS[guard])

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Delivery, settings=search(300, phases=[Phase.generate], report_multiple_bugs=False, database=None)
        )
