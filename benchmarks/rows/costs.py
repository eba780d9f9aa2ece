"""Where the processor time of a request goes: to each of the services that have to do with it."""

from __future__ import annotations

from benchmarks.client import load
from benchmarks.contest import Contest, say
from benchmarks.processes import cpu_seconds
from benchmarks.row import Row
from benchmarks.rows.writes import ORDER, USER
from benchmarks.wire import Work

USER_READ = Work("GET", "/api-queries/users/1")
WORKS = {
    "GET of one order": Work("GET", "/api-queries/orders/7"),
    "GET of a page of 100 orders": Work("GET", "/api-queries/orders?limit=100"),
    "POST of a user": USER,
    "POST of an order": ORDER,
}
# A turn is this much longer than where rates are measured: the clock of processor time ticks 100 times a second.
TIMES_AS_LONG = 3
BARE = "bare Flask"


def measure(contest: Contest) -> list[Row]:
    """One row for each kind of request, with the share of each service in its detail."""
    services = contest.suite.services()
    rows = []
    for name, work in WORKS.items():
        costs = microseconds(contest, contest.suite.port, work, services)
        least = USER if work.method == "POST" else USER_READ  # the bare app stands in for users
        bare = microseconds(contest, contest.bare.port, least, {BARE: contest.bare.pids()})
        say(f"  {name}: {', '.join(f'{service} {cost:,.0f} µs' for service, cost in costs.items())}")
        row = Row(f"{name}: processor time", "µs", [sum(costs.values())], BARE, [bare[BARE]], detail={**costs})
        rows.append(row)
    return rows


def microseconds(contest: Contest, port: int, work: Work, services: dict[str, list[int]]) -> dict[str, float]:
    """What each service took for one request and its messages, the largest first; next to nothing is left out."""
    contest.settle()
    before = {name: cpu_seconds(pids) for name, pids in services.items()}
    done = load(port, work, seconds=TIMES_AS_LONG * contest.plan.seconds)
    if work.method != "GET":
        contest.settle()
    used = {name: (cpu_seconds(pids) - before[name]) / len(done.latencies_ms) * 1e6 for name, pids in services.items()}
    largest = sorted(used.items(), key=lambda item: -item[1])
    return {name: cost for name, cost in largest if cost > max(used.values()) / 100}
