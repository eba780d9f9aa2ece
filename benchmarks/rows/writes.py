"""POST of a user and of an order, durable, beside the bare app with the same settings."""

from __future__ import annotations

from statistics import median

from benchmarks.baselines.pure import PureWriter, timed
from benchmarks.contest import Contest, Server
from benchmarks.row import Row, Target
from benchmarks.rows.rates import rate_row
from benchmarks.wire import Work
from tests.stack import ROOT

RATE = Target(least=0.35)
# What the slowest hundredth takes, by what the middle takes.
TAIL = Target(most=10, of_ratio=False)

USER = Work("POST", "/api-commands/users", '{"username": "{n}"}')
ORDER = Work("POST", "/api-commands/orders", '{"user": 1, "product": 1, "quantity": 1}')
BARE = "bare Flask"
COMMITS = 200


def measure(contest: Contest) -> list[Row]:
    """Measure both, while the messages that they cause are delivered."""
    works = {"POST of a user": USER, "POST of an order": ORDER}
    turns: dict[str, tuple[Server, Work]] = {BARE: (contest.bare, USER)}
    turns |= {name: (contest.suite, work) for name, work in works.items()}
    seen = contest.in_turn(turns)
    contest.suite.check()
    rows = []
    for name in works:
        tails = [one.percentile_ms(99) / one.percentile_ms(50) for one in seen[name]]
        rows.append(rate_row(name, seen[name], BARE, seen[BARE], RATE))
        rows.append(Row(f"{name}: p99 by median", "times", tails, target=TAIL))
    writer = PureWriter(ROOT / contest.suite.var / "pure")
    commits = [timed(writer.commit_one) for _ in range(COMMITS)]
    rows[0].detail["a durable commit by sqlite3 alone, ms"] = median(commits)
    return rows
