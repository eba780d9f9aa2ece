"""``./benchmarks/run.sh``: measure, show the table, keep the figures."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from benchmarks import docs, report
from benchmarks.baselines import stand_in
from benchmarks.contest import Contest, say
from benchmarks.growth import table as growth_table
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.plan import growth as growth_plans
from benchmarks.row import Row
from benchmarks.rows import backlog, costs, idle, lists, orders, reads, writes
from benchmarks.servers import Suite

RESULTS = Path("var/benchmarks")

# In this order: the suite starts anew for the last two, with other databases.
PARTS: dict[str, Callable[[Contest], list[Row]]] = {
    "idle": idle.measure,
    "reads": reads.measure,
    "lists": lists.measure,
    "costs": costs.measure,
    "rest": orders.at_rest,
    "writes": writes.measure,
    "backlog": backlog.measure,
    "flow": orders.flow,
    "memory": lists.measure_memory,
}


@contextmanager
def contest(plan: Plan) -> Iterator[Contest]:
    """Start everything that takes part, and stop it."""
    suite = Suite(plan.cores)
    others = []
    try:
        suite.start(plan.stored)
        for start in (stand_in.bare, stand_in.naive):
            others.append(start(suite))
        yield Contest(plan, suite, *others)
    finally:
        for other in others:
            other.stop()
        suite.run("down")
    suite.remove()  # a run that failed leaves its logs


def measure(plan: Plan, parts: list[str]) -> list[Row]:
    """Measure some parts, or all of them."""
    rows = []
    say("starting the suite and what it is compared with")
    with contest(plan) as running:
        for name in parts:
            say(name)
            rows += PARTS[name](running)
    return rows


def growth(plans: dict[str, Plan], parts: list[str]) -> dict[str, list[Row]]:
    """Measure again and again, with more rows and with fewer cores."""
    runs = {}
    for column, plan in plans.items():
        say(f"run: {column}")
        runs[column] = measure(plan, parts)
    return runs


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="./benchmarks/run.sh", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="under a minute, to see that it works; the figures say little"
    )
    parser.add_argument("--growth", action="store_true", help="all again with more rows and fewer cores: 20 minutes")
    parser.add_argument("--docs", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--cores", type=int, help="how many cores the suite and the baselines may use")
    parser.add_argument("--stored", type=int, help="orders in the database when reads are measured")
    return parser.parse_args()


def main() -> None:
    """Measure, tell, and keep the figures."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # what was started is stopped on the way out
    given, load_before = arguments(), os.getloadavg()[0]
    plan = QUICK if given.quick else FULL
    plan = replace(plan, cores=given.cores, stored=given.stored or plan.stored)
    plans = growth_plans(plan) if given.growth else {"usual": plan}
    runs = growth(plans, given.only)
    where = report.machine(load_before)
    if given.growth:
        print(f"{report.place(where)}\n\n{growth_table(runs)}")
    else:
        print(report.as_text(runs["usual"], where))
    if given.docs:
        table = growth_table(runs) if given.growth else report.markdown(runs["usual"])
        docs.put("growth" if given.growth else "usual", f"{report.place(where)}\n\n{table}")
    folder = RESULTS / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    for column, rows in runs.items():
        report.write(folder / f"{column}.json", rows, where, asdict(plans[column]))
    print(f"\nEvery run's figures are in {folder}")


if __name__ == "__main__":
    main()
