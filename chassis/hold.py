"""The delay for the classroom: `REPLICATION_DELAY` holds every message for that long."""

from __future__ import annotations

import time
from collections import deque


class Hold:
    """Which messages of a stream have been here long enough.

    Args:
        delay_seconds: how long each is held; 0 for not at all.
    """

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        # How long the stream was, and since when by the monotonic clock: the wall clock may be set back.
        self._seen: deque[tuple[int, float]] = deque()

    def due(self, last: int) -> int:
        """Up to which message may be sent, where the stream now ends with ``last``."""
        if not self._delay_seconds:
            return last
        now = time.monotonic()
        if not self._seen or self._seen[-1][0] != last:
            self._seen.append((last, now))
        while len(self._seen) > 1 and self._seen[1][1] <= now - self._delay_seconds:
            self._seen.popleft()
        oldest, since = self._seen[0]
        return oldest if since <= now - self._delay_seconds else 0

    def patience(self, most_seconds: float) -> float:
        """How long to wait for a nudge: until the next held message is due, at most so many seconds."""
        ends = (since + self._delay_seconds - time.monotonic() for _, since in self._seen)
        return min(most_seconds, *(left for left in ends if left > 0), most_seconds)
