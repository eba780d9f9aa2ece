"""Orders from their POST to ``completed``: one after the other, and as fast as they are taken."""

from __future__ import annotations

import time
from statistics import median

from benchmarks import sample
from benchmarks.client import load
from benchmarks.contest import Contest, say
from benchmarks.row import Row, Target
from benchmarks.rows.writes import ORDER
from benchmarks.wire import Connection, Work

AT_REST = Target(most=15, of_ratio=False)
KEEPS_UP = Target(least=0.8)
BY_NAIVE = Target(least=50)
AS_EMPTY = Target(least=0.9)

NAIVE = "naive suite"
LOOK_SECONDS = 0.001
PATIENCE_SECONDS = 300


def at_rest(contest: Contest) -> list[Row]:
    """One order after the other, each from its POST to the first read that shows it completed."""
    plan = contest.plan
    mine = [one_order(contest.suite.port) for _ in range(plan.rest_orders)]
    others = [one_order(contest.naive.port) for _ in range(plan.naive_rest_orders)]
    contest.suite.check()
    say(f"  median {median(mine):.1f} ms, p99 {sample.percentile(mine, 99):.1f} ms; naive {median(others):.0f} ms")
    detail = {"p99, ms": sample.percentile(mine, 99)}
    return [Row("POST to completed, at rest", "ms", mine, NAIVE, others, AT_REST, detail)]


def one_order(port: int) -> float:
    """The milliseconds from the POST of an order to ``completed``."""
    connection = Connection(port)
    started = time.monotonic()
    body = connection.exchange(ORDER.request(""))[1]
    return (wait_for(connection, order_id(body)) - started) * 1000


def order_id(body: bytes) -> int:
    """The id in an answer; naive and the suite order the members differently."""
    return int(body.partition(b'"id":')[2].partition(b",")[0].rstrip(b"}\n "))


def wait_for(connection: Connection, id: int) -> float:
    """When an order was first seen completed, in seconds by the monotonic clock."""
    request = Work("GET", f"/api-queries/orders/{id}").request("")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while b'"completed"' not in connection.exchange(request)[1]:
        assert time.monotonic() < deadline, f"order {id} was not completed within {PATIENCE_SECONDS} s"
        time.sleep(LOOK_SECONDS)
    return time.monotonic()


def flow(contest: Contest) -> list[Row]:
    """Many orders at once, into a suite that has few already and into one that has very many, in turn."""
    plan, naive = contest.plan, list[float]()
    runs: dict[int, list[tuple[float, float]]] = {stored: [] for stored in plan.flow_stored}
    for _ in range(plan.flow_rounds):
        for stored, seen in runs.items():
            contest.suite.start(stored)
            seen.append(run(contest.suite.port, plan.flow_orders))
            contest.suite.check()
            say(f"  {stored:,} stored: {seen[-1][0]:,.0f} orders/s accepted, {seen[-1][1]:,.0f} completed")
        naive.append(run(contest.naive.port, plan.naive_flow_orders)[1])
        say(f"  naive: {naive[-1]:.2f} completed")
    fewest, most = plan.flow_stored[0], plan.flow_stored[-1]
    accepted, completed = ([*rates] for rates in zip(*runs[fewest], strict=True))
    orders = f"{plan.flow_orders:,} orders completed"
    rows = [
        Row(orders, "orders/s", completed, "accepted", accepted, KEEPS_UP),
        Row(orders, "orders/s", completed, NAIVE, naive, BY_NAIVE),
    ]
    if most > fewest:
        full_accepted, full = ([*rates] for rates in zip(*runs[most], strict=True))
        detail = {"accepted": full_accepted}
        rows.append(Row(f"{orders}, {most:,} stored", "orders/s", full, "empty", completed, AS_EMPTY, detail))
    return rows


def run(port: int, orders: int) -> tuple[float, float]:
    """Orders in a second that were accepted, and that were completed, from the first POST to the last of each."""
    seen = load(port, ORDER, requests=orders)
    last = wait_for(Connection(port), max(order_id(body) for body in seen.bodies))
    return seen.rate, orders / (last - seen.started)
