"""Turns: what takes long in a process with one thread lets other requests on in between."""

from __future__ import annotations

import time

# As good as nothing, but not 0: gevent would then let on those that are under way, and not look for new ones.
MOMENT_SECONDS = 1e-6


def let_others_on() -> None:
    """Serve what has arrived meanwhile until it waits for something; in a process with threads, let another one run."""
    time.sleep(MOMENT_SECONDS)
