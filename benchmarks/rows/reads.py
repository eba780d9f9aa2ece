"""GET of one resource and of a page of a hundred, beside the bare app."""

from __future__ import annotations

from benchmarks.contest import Contest, Server
from benchmarks.row import Row, Target
from benchmarks.rows.rates import rate_row
from benchmarks.wire import Work

ONE = Target(least=0.75)
PAGE = Target(least=0.5)

READS = {
    "GET of one user": (Work("GET", "/api-queries/users/7"), ONE),
    "GET of one order": (Work("GET", "/api-queries/orders/7"), ONE),
    "GET of a page of 100 users": (Work("GET", "/api-queries/users?limit=100"), PAGE),
    "GET of a page of 100 orders": (Work("GET", "/api-queries/orders?limit=100"), PAGE),
}
BARE = "bare Flask"
NAIVE = "naive suite"


def measure(contest: Contest) -> list[Row]:
    """Measure all reads; the orders are those that are stored."""
    one = Work("GET", "/api-queries/users/1")
    turns: dict[str, tuple[Server, Work]] = {BARE: (contest.bare, one)}
    turns |= {name: (contest.suite, work) for name, (work, _) in READS.items()}
    turns |= {NAIVE: (contest.naive, one)}
    seen = contest.in_turn(turns)
    rows = [rate_row(name, seen[name], BARE, seen[BARE], target) for name, (_, target) in READS.items()]
    return [*rows, rate_row("GET of one user, by the naive suite", seen["GET of one user"], NAIVE, seen[NAIVE])]
