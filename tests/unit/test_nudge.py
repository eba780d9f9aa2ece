"""The nudge wakes a stream that waits, and costs one that is busy nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.nudge import Nudges, nudge

# Far longer than a nudge takes, far shorter than a test may.
LONG_SECONDS, SHORT_SECONDS = 30, 0.05
MORE_THAN_ANY_SOCKET_HOLDS = 2000


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a stream listens; relative, since the path of a Unix socket is short."""
    monkeypatch.chdir(tmp_path)
    return "near.far.nudge"


@pytest.fixture
def nudges(path: str) -> Iterator[Nudges]:
    """What a stream listens to."""
    made = Nudges(path)
    yield made
    made.close()


def seconds_of(nudges: Nudges, at_most: float) -> float:
    """How long a stream waits."""
    began = time.monotonic()
    nudges.wait(at_most)
    return time.monotonic() - began


def test_a_nudge_that_came_before_the_wait_ends_it_at_once(nudges: Nudges, path: str) -> None:
    nudge(path)

    assert seconds_of(nudges, LONG_SECONDS) < LONG_SECONDS / 2


def test_without_a_nudge_the_wait_ends_with_its_time(nudges: Nudges) -> None:
    assert seconds_of(nudges, SHORT_SECONDS) >= SHORT_SECONDS


def test_what_was_forgotten_ends_no_wait(nudges: Nudges, path: str) -> None:
    nudge(path)
    nudge(path)
    nudges.forget()

    assert seconds_of(nudges, SHORT_SECONDS) >= SHORT_SECONDS


def test_more_nudges_than_a_busy_stream_can_hold_hold_up_nobody(nudges: Nudges, path: str) -> None:
    for _ in range(MORE_THAN_ANY_SOCKET_HOLDS):
        nudge(path)

    assert seconds_of(nudges, LONG_SECONDS) < LONG_SECONDS / 2


def test_a_relay_that_is_started_again_listens_in_the_place_of_the_first(nudges: Nudges, path: str) -> None:
    again = Nudges(path)
    nudge(path)

    assert seconds_of(again, LONG_SECONDS) < LONG_SECONDS / 2
    again.close()


def test_a_nudge_to_nobody_is_no_error(path: str) -> None:
    nudge(path)

    assert not Path(path).exists()
