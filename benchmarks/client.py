"""The load: some clients, each a process with one kept connection, that send one request after the other.

A process for each client, since threads of one process take turns; a socket and a few lines, since the
libraries take several times as long as the server. So the client stays well below what it measures.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Barrier

from benchmarks import sample
from benchmarks.wire import TIMEOUT_SECONDS, Connection, Work

CLIENTS = 8


@dataclass
class Load:
    """What the clients saw.

    Args:
        started: when the first request was sent, in seconds by the monotonic clock.
        ended: when the last answer had come.
        latencies_ms: of each request.
        statuses: how many answers had each status.
        cpu_seconds: what the clients themselves took of the machine.
        server_cpu_seconds: what the servers took, until they had delivered their messages; 0 where nobody looked.
        bodies: the last answer of each client.
    """

    started: float = float("inf")
    ended: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    cpu_seconds: float = 0.0
    server_cpu_seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return len(self.latencies_ms) / (self.ended - self.started)

    def percentile_ms(self, percent: float) -> float:
        """How long all but the slowest requests took at most."""
        return sample.percentile(self.latencies_ms, percent)

    def add(self, other: Load) -> None:
        """Put another client's share to this."""
        self.started, self.ended = min(self.started, other.started), max(self.ended, other.ended)
        self.latencies_ms += other.latencies_ms
        self.statuses += other.statuses
        self.cpu_seconds += other.cpu_seconds
        self.bodies += other.bodies


def load(port: int, work: Work, seconds: float = 0, requests: int = 0, clients: int = CLIENTS) -> Load:
    """Send requests from several clients at once, for some seconds or a number of them.

    Raises:
        AssertionError: an answer was not 200: what is measured then is something else.
    """
    clients = clients if seconds else min(clients, requests)
    context = multiprocessing.get_context("fork")
    barrier, total, running = context.Barrier(clients), Load(), []
    for n in range(clients):
        mine, theirs = context.Pipe()
        share = requests // clients + (n < requests % clients)
        process = context.Process(target=_client, args=(port, work, seconds, share, barrier, theirs))
        process.start()
        theirs.close()
        running.append((process, mine))
    for process, mine in running:
        total.add(mine.recv())
        process.join()
    assert set(total.statuses) == {200}, f"{work.method} {work.path}: {total.statuses}, {total.bodies[0]!r:.300}"
    return total


def _client(port: int, work: Work, seconds: float, requests: int, barrier: Barrier, result: Pipe) -> None:
    connection, seen, name = Connection(port), Load(), uuid.uuid4().hex[:12]
    barrier.wait(TIMEOUT_SECONDS)
    before, deadline = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() + seconds
    numbers: Iterator[int] = count() if seconds else islice(count(), requests)
    seen.started = sent = time.monotonic()
    for n in numbers:
        if seconds and sent > deadline:
            break
        status, body = connection.exchange(work.request(f"{name}-{n}"))
        seen.ended = time.monotonic()
        seen.latencies_ms.append((seen.ended - sent) * 1000)
        seen.statuses[status] += 1
        sent = seen.ended
    after = resource.getrusage(resource.RUSAGE_SELF)
    seen.cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    seen.bodies.append(body)
    result.send(seen)
