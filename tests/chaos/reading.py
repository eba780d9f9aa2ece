"""A client that only reads, over new connections and old ones, and counts what it is answered."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import requests

from tests.shop import Shop

PATHS = tuple(f"/api-queries/{name}?limit=5" for name in ("users", "products", "orders"))
# A connection serves so many requests; then the next one is made.
REQUESTS_EACH = 5


@contextmanager
def reading(url: str, *paths: str, repeats: bool = False) -> Iterator[Counter[int]]:
    """Read inside the block; gives the statuses that were answered, 0 for no answer.

    Args:
        url: of the gateway.
        paths: what to read; without, of each query side.
        repeats: whether a GET that goes out just as the gateway closes the old connection is sent again over a
            new one, as browsers do (RFC 9112, 9.3.1). A connection that is refused counts as no answer all the same.
    """
    statuses, done = Counter[int](), threading.Event()

    def read() -> None:
        for turn, path in enumerate(cycle(paths or PATHS)):
            new = turn % REQUESTS_EACH == 0
            if new:
                shop = Shop(url)
            try:
                statuses[shop.get(path).status_code] += 1
            except requests.RequestException:
                shop = Shop(url)
                statuses[shop.get(path).status_code if repeats and not new else 0] += 1
            if done.is_set():
                return

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield statuses
    finally:
        done.set()
        thread.join()
