"""Messages that wait for a worker which was stopped: how fast they are applied, and in how much memory."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from threading import Thread

from benchmarks import processes
from benchmarks.client import load
from benchmarks.contest import Contest, say
from benchmarks.row import Row, Target
from benchmarks.rows.writes import USER

RATE = Target(least=3000, of_ratio=False)
# Ten times the messages must not need more memory; this is an allocator's whim.
MEMORY = Target(most=5, of_ratio=False)
LOOK_SECONDS = 0.005
PATIENCE_SECONDS = 300
WORKER = "worker-orders"


def measure(contest: Contest) -> list[Row]:
    """New users while orders' worker is stopped; then it starts. A tenth of them first, to compare the memory."""
    plan = contest.plan
    _, few_mb = drained(contest, plan.waiting // 10)
    rates, peaks = list[float](), list[float]()
    for _ in range(plan.flow_rounds):
        rate, peak = drained(contest, plan.waiting)
        rates.append(rate)
        peaks.append(peak)
        say(f"  {rate:,.0f} messages/s, peak of the worker {peak:.1f} MB")
    contest.suite.check()
    work = f"{plan.waiting:,} messages waiting"
    more = [peak - few_mb for peak in peaks]
    detail = {"peak beside that many fewer, MB": few_mb, "peak_mb": peaks}
    return [
        Row(f"{work}, then applied", "messages/s", rates, target=RATE),
        Row(f"{work}: worker's peak beside {plan.waiting // 10:,}", "MB more", more, target=MEMORY, detail=detail),
    ]


def drained(contest: Contest, messages: int) -> tuple[float, float]:
    """Messages applied in a second from the first to the last batch, and the worker's peak memory in MB."""
    suite = contest.suite
    contest.settle()
    suite.run("stop", WORKER)
    load(suite.port, USER, requests=messages)
    with closing(sqlite3.connect(f"file:{suite.data}/orders.db?mode=ro", uri=True)) as orders:

        def applied() -> int:
            return int(orders.execute("SELECT applied FROM inbox WHERE sender = 'users'").fetchone()[0])

        before = applied()
        starting = Thread(target=suite.run, args=("start", WORKER))  # it returns a second after the worker began
        starting.start()
        first, first_at = before, 0.0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (now := applied()) < before + messages:
            if first == before and now > before:
                first, first_at = now, time.monotonic()
            assert time.monotonic() < deadline, f"{now - before} of {messages} applied within {PATIENCE_SECONDS} s"
            time.sleep(LOOK_SECONDS)
        rate = (before + messages - first) / (time.monotonic() - first_at)
        starting.join()
    return rate, max(processes.peak_mb(pid) for pid in suite.apps(WORKER))
