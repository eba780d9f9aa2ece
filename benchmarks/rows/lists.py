"""A list of 10,000 orders, beside sqlite3 and orjson in one process; and what a list does to the memory."""

from __future__ import annotations

from statistics import median

from benchmarks import processes
from benchmarks.baselines.pure import PureReader, timed
from benchmarks.contest import Contest, say
from benchmarks.row import Row, Target
from benchmarks.wire import Connection, Work

TIME = Target(most=2)
# An allocator's whim; a list of 100,000 orders that is held in memory takes 100 MB and more.
GROWTH = Target(most=5, of_ratio=False)

# The names of the rows where the number of orders is told elsewhere.
LIST = "list of all orders"
PEAK = "peak memory of orders-queries: list of all orders beside a hundredth"


def measure(contest: Contest) -> list[Row]:
    """Measure the time, the median of some reads in each round."""
    plan, suite = contest.plan, contest.suite
    rows = plan.list_rows
    connection, pure = Connection(suite.port), PureReader(suite.data)
    request = last(suite.port, rows)
    mine, others, plain = list[float](), list[float](), list[float]()
    for _ in range(plan.rounds):
        mine.append(median(timed(lambda: connection.exchange(request)) for _ in range(plan.lists)))
        others.append(median(timed(lambda: pure.last(rows)) for _ in range(plan.lists)))
        plain.append(timed(lambda: pure.last_with_json(rows)))
    say(f"  {mine[-1]:.1f} ms, sqlite3 and orjson {others[-1]:.1f} ms, sqlite3 and json {plain[-1]:.1f} ms")
    detail = {"sqlite3 + json, ms": median(plain)}
    return [Row(f"list of {rows:,} orders", "ms", mine, "sqlite3 + orjson", others, TIME, detail, LIST)]


def measure_memory(contest: Contest) -> list[Row]:
    """How much more the queries process holds at its peak, for a list a hundred times as long."""
    suite, most = contest.suite, contest.plan.flow_stored[-1]
    apps, connection = suite.apps("orders-queries"), Connection(suite.port)
    peaks = {}
    for rows in (most // 100, most // 10, most):
        for pid in apps:
            processes.reset_peak(pid)
        for _ in range(2 * len(apps)):  # each of the app's processes has its turn
            connection.exchange(last(suite.port, rows))
        peaks[rows] = max(processes.peak_mb(pid) for pid in apps)
    say(f"  peak of the queries process: {peaks}")
    grown = peaks[most] - peaks[most // 100]
    work = f"peak memory of orders-queries: list of {most:,} beside {most // 100:,}"
    return [Row(work, "MB more", [grown], target=GROWTH, detail={"peak_mb": peaks}, any_size=PEAK)]


def last(port: int, rows: int) -> bytes:
    """The request for the last orders, as a stream: as many as asked for."""
    body = Connection(port).exchange(Work("GET", "/api-queries/orders?limit=1&order=desc").request(""))[1]
    largest = int(body.partition(b'"id":')[2].partition(b",")[0])
    return Work("GET", f"/api-queries/orders?after={largest - rows}").request("")
