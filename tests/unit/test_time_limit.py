"""The limit for what may hang: it interrupts, and leaves no trace where nothing hung."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from chassis import time_limit as limits
from chassis.time_limit import TookTooLong, time_limit

SOON_SECONDS, LONG_SECONDS = 0.05, 30


@pytest.fixture(autouse=True)
def _no_limit_around() -> Iterator[None]:
    """Take away the limit that pytest has around each test, as long as the test lasts."""
    left, again = signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    signal.setitimer(signal.ITIMER_REAL, left, again)


def alarm() -> tuple[object, tuple[float, float]]:
    """Who hears the alarm clock now, and for when it is set."""
    return signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)


def test_what_takes_too_long_is_interrupted() -> None:
    with pytest.raises(TookTooLong, match=r"it did not end within 0\.05 s"), time_limit(SOON_SECONDS):
        time.sleep(LONG_SECONDS)


def test_what_ends_in_time_is_left_alone() -> None:
    before = alarm()
    with time_limit(SOON_SECONDS):
        pass

    assert alarm() == before


def test_the_alarm_clock_is_as_before_after_an_interruption() -> None:
    before = alarm()
    with pytest.raises(TookTooLong), time_limit(SOON_SECONDS):
        time.sleep(LONG_SECONDS)

    assert alarm() == before


def test_no_seconds_are_no_limit() -> None:
    with time_limit(0):
        time.sleep(SOON_SECONDS)


def test_what_catches_an_interruption_and_goes_on_is_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AGAIN_SECONDS", SOON_SECONDS)
    interruptions = []
    with pytest.raises(TookTooLong), time_limit(SOON_SECONDS):
        try:
            time.sleep(LONG_SECONDS)
        except TookTooLong as error:
            interruptions.append(error)
        time.sleep(LONG_SECONDS)

    assert len(interruptions) == 1


def test_a_limit_around_another_goes_on_after_it() -> None:
    with pytest.raises(TookTooLong, match=r"within 0\.2 s"), time_limit(0.2):
        with time_limit(SOON_SECONDS):
            pass
        time.sleep(LONG_SECONDS)


def test_a_limit_around_another_goes_on_after_an_interruption() -> None:
    with pytest.raises(TookTooLong, match=r"within 0\.2 s"), time_limit(0.2):
        with pytest.raises(TookTooLong, match=r"within 0\.05 s"), time_limit(SOON_SECONDS):
            time.sleep(LONG_SECONDS)
        time.sleep(LONG_SECONDS)


def test_a_limit_around_another_that_ends_sooner_is_the_one_that_counts() -> None:
    with pytest.raises(TookTooLong, match=r"within 0\.05 s"), time_limit(SOON_SECONDS), time_limit(LONG_SECONDS):
        time.sleep(LONG_SECONDS)
