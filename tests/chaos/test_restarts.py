"""Rolling restarts under load: what is in hand is finished, and clients are asked to try again at most."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.control import pid
from tests.chaos.faults import COMMANDS, QUERIES, RELAYS, WORKERS, running
from tests.chaos.in_hand import RequestInHand
from tests.chaos.ledger import Entry, Outcome
from tests.chaos.load import Load
from tests.chaos.reading import reading
from tests.shop import unique
from tests.stack import ROOT
from tests.waiting import eventually

# Supervisor kills what has not ended this long after SIGTERM.
GRACE_SECONDS = 20
# Of an order that no customer places: theirs are of a few pieces.
IN_HAND_QUANTITY = 10**6


def test_commands_apps_that_are_told_to_end_finish_the_commands_in_hand(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load:
        for service in COMMANDS:
            kind, (mark, body) = service.partition("-")[0], new_command(load, service)
            in_hand = RequestInHand(town.stack, service, f"/api-commands/{kind}", body)
            with ending(town, service):
                status, answered = in_hand.answer_after_the_app_closed_its_door()
                assert status == 200, answered
                town.ledger.entries.append(Entry(kind, mark, Outcome.DONE, answered["id"]))
            load.struck_by(f"SIGTERM {service}")
            load.goes_on()

    assert load.answers["none"] == 0


def test_queries_apps_that_are_told_to_end_finish_the_queries_in_hand(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load, reading(town.stack.url) as statuses:
        for service in QUERIES:
            path = f"/api-queries/{service.partition('-')[0]}?limit=100"
            in_hand = RequestInHand(town.stack, service, path)
            with ending(town, service):
                assert in_hand.answer_after_the_app_closed_its_door()[0] == 200
            load.struck_by(f"SIGTERM {service}")

    assert statuses.keys() <= {200, 502, 503, 504}
    assert load.answers["none"] == 0


def test_relays_and_workers_that_are_told_to_end_finish_the_batch_in_hand(town: Town, under_load: UnderLoad) -> None:
    before = {relay: len(town.stack.log(relay)) for relay in RELAYS}
    with under_load(pace=0) as load, reading(town.stack.url) as statuses:
        for service in (*RELAYS, *WORKERS):
            with ending(town, service):
                pass
            load.struck_by(f"SIGTERM {service}")
            load.goes_on()

    assert load.answers.keys() <= {"200", "400"}, "nothing is seen at the clients"
    assert statuses.keys() == {200}
    sent_again = [repeats(town.stack.log(relay)[start:]) for relay, start in before.items()]
    assert not any(sent_again), "a batch in hand was not acknowledged"


def test_redis_restarts(town: Town, under_load: UnderLoad) -> None:
    with under_load() as load:
        with ending(town, "redis"):
            pass
        load.struck_by("SIGTERM redis")

    assert load.answers.keys() <= {"200", "400"}


@contextmanager
def ending(town: Town, service: str) -> Iterator[None]:
    """Send SIGTERM to a service; after the block it must end by itself, in time and well, and be started again."""
    if service in (*COMMANDS, *QUERIES):
        door = ROOT / town.stack.var / "run" / f"{service}.sock"
        eventually(door.exists, f"{service} that has begun")
    process, log = running(town.stack, service), len(town.stack.log("supervisord"))
    os.kill(process, signal.SIGTERM)
    told_at = time.monotonic()
    yield
    pattern = re.compile(rf"exited: {service} \((.*)\)")
    ended = eventually(lambda: pattern.search(town.stack.log("supervisord")[log:]), f"end of {service}")
    assert ended[1] == "exit status 0; expected"
    assert time.monotonic() - told_at < GRACE_SECONDS
    eventually(lambda: pid(town.stack, service) not in (0, process), f"new {service}")


def new_command(load: Load, service: str) -> tuple[object, dict[str, object]]:
    """A command for an app that no customer sends: its mark for the ledger and its body."""
    name = unique("in-hand")
    if service == "users-commands":
        return name, {"username": name}
    if service == "products-commands":
        return name, {"name": name, "description": name, "value": 1, "stock": 1}
    user, product = load.users[0], load.products[0]
    return (user, product, IN_HAND_QUANTITY), {"user": user, "product": product, "quantity": IN_HAND_QUANTITY}


def repeats(log: str) -> list[str]:
    """The messages that a relay has sent more than once."""
    sent = Counter(re.findall(r"sending (#\d+ to \w+)", log))
    return [message for message, times in sent.items() if times > 1]
