"""A limit for code that may hang: the process's alarm clock interrupts it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# A handler that catches what interrupts it and goes on is interrupted again this often.
AGAIN_SECONDS = 1.0


class TookTooLong(Exception):
    """What was done inside a limit did not end in time."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what is done inside when it takes longer; a limit around this one goes on.

    Python runs a signal's handler in the main thread, between two of its own instructions: only there may
    this be used, and a call that stays in C (a long SQL statement, a regular expression) is let end first.

    Args:
        seconds: how long it may take; 0 for as long as it likes.

    Raises:
        TookTooLong: it took longer.
    """
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if 0 < left <= seconds:  # the limit around this one ends first
        yield
        return

    def strike(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"it did not end within {seconds:g} s")

    began, around = time.monotonic(), signal.signal(signal.SIGALRM, strike)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)  # struck at the very end, the line above was not reached
        signal.signal(signal.SIGALRM, around)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001))
