"""Several faults at once, chosen by a seed: CHAOS_SEED=n repeats a run, CHAOS_SOAK=minutes goes on for long."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from random import Random

import pytest

from local.processes import SERVICES
from tests.chaos.conftest import SEED, SOAK_MINUTES, Town, UnderLoad
from tests.chaos.faults import frozen, kill, last, redis_of, stopped
from tests.stack import Stack

SHORT_SECONDS = 15
# A round of a long soak: after each, everything must hold.
ROUND_SECONDS = 120
# What stands still or is away while others are killed. Not the gateway: without it there is no load.
VICTIMS = [name for name in SERVICES if name != "nginx"]


@pytest.mark.timeout(300 + 180 * SOAK_MINUTES)
def test_mixed_faults(town: Town, under_load: UnderLoad) -> None:
    dice = Random(SEED)  # noqa: S311 - chance that can be repeated
    end = time.monotonic() + (60 * SOAK_MINUTES or SHORT_SECONDS)
    while (now := time.monotonic()) < end:
        with under_load() as load:
            while time.monotonic() < min(end, now + ROUND_SECONDS):
                load.struck_by(some_faults(town, dice))
                load.goes_on(10)


def some_faults(town: Town, dice: Random) -> str:
    """Take one service away, kill some others meanwhile and perhaps empty Redis."""
    victim = dice.choice(VICTIMS)
    how = dice.choice([stopped, frozen, going_on])
    killed = dice.sample([name for name in SERVICES if name not in (victim, "redis")], dice.randint(0, 2))
    empty = dice.random() < 0.3 and victim != "redis"
    with how(town.stack, victim):
        for service in killed:
            kill(town.stack, service)
            last(dice.uniform(0, 1))
        if empty:
            redis_of(town.stack).flushall()
    what = f"{how.__name__} {victim}, killed {killed}, Redis {'emptied' if empty else 'kept'}"
    print(what)
    return what


def going_on(stack: Stack, service: str) -> AbstractContextManager[None]:
    """Do nothing to a service."""
    return nullcontext()
