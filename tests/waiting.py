"""Waiting on a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

# Generous: the machine may be busy with other things. A condition that holds is noticed at once.
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02


def eventually(probe: Callable[[], Value], what: str, seconds: float = PATIENCE_SECONDS) -> Value:
    """Look until the probe returns something true, and return that.

    Args:
        probe: what to look at; an AssertionError or OSError in it counts as not yet.
        what: what is waited for, for the message when it does not come.
        seconds: how long to wait at most.
    """
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            last = found = probe()
            if found:
                return found
        except (AssertionError, OSError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {seconds:g} s; last seen: {last!r:.500}")
        time.sleep(LOOK_SECONDS)
