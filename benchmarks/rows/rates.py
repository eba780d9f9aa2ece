"""A row that tells of a rate, with the latencies that belong to it."""

from __future__ import annotations

from statistics import median

from benchmarks.client import Load
from benchmarks.row import Row, Target


def rate_row(work: str, mine: list[Load], baseline: str, others: list[Load], target: Target | None = None) -> Row:
    """Requests in a second of the suite and of a baseline, in turn."""
    rates, other_rates = [one.rate for one in mine], [one.rate for one in others]
    detail = {"suite": latencies(mine), baseline: latencies(others)}
    return Row(f"{work}, 8 clients", "requests/s", rates, baseline, other_rates, target, detail)


def latencies(loads: list[Load]) -> dict[str, float]:
    """How long the requests took, and what they took of the processors: the servers, and the clients."""
    return {
        "p50_ms": median(one.percentile_ms(50) for one in loads),
        "p99_ms": median(one.percentile_ms(99) for one in loads),
        # steadier than a rate where other programs take a part of the machine
        "server_cpu_ms": median(one.server_cpu_seconds / len(one.latencies_ms) * 1000 for one in loads),
        "client_cores": median(one.cpu_seconds / (one.ended - one.started) for one in loads),
    }
