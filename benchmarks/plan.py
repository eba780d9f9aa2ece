"""How much is measured: a short look, the usual run, or one of the runs of the growth table."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Plan:
    """Sizes of one run of the benchmark.

    Args:
        cores: how many the suite and the baselines may use; the clients may use all. None for all.
        stored: orders in the suite's database when the reads are measured.
        rounds: how often each contestant has its turn.
        seconds: of load in each turn.
        list_rows: orders in the list that is read whole; at most as many as are stored.
        lists: how often a whole list is read in each turn.
        rest_orders: orders that are placed one after the other at rest.
        naive_rest_orders: the same at the naive suite, which takes a hundred times as long.
        flow_orders: orders that are placed as fast as the suite takes them.
        flow_rounds: how often; the suite starts anew each time.
        naive_flow_orders: the same at the naive suite.
        flow_stored: how many orders are stored already: first few, then many; in growth, one number.
        waiting: messages that wait for a worker that was stopped.
        idle_seconds: how long the suite is watched while it does nothing.
    """

    cores: int | None = None
    stored: int = 10_000
    rounds: int = 9
    seconds: float = 0.6
    list_rows: int = 10_000
    lists: int = 5
    rest_orders: int = 100
    naive_rest_orders: int = 10
    flow_orders: int = 5_000
    flow_rounds: int = 2
    naive_flow_orders: int = 10
    flow_stored: tuple[int, ...] = (1, 100_000)
    waiting: int = 10_000
    idle_seconds: float = 20


FULL = Plan()

# To see that everything works; its figures are too few to say anything.
QUICK = Plan(
    stored=1_000,
    list_rows=1_000,
    rounds=1,
    seconds=0.2,
    lists=2,
    rest_orders=10,
    naive_rest_orders=2,
    flow_orders=400,
    flow_rounds=1,
    naive_flow_orders=4,
    flow_stored=(1, 2_000),
    waiting=1_000,
    idle_seconds=2,
)

GROWTH_TIMES = (1, 10, 100)
GROWTH_CORES = (1, 2)


def growth(base: Plan) -> dict[str, Plan]:
    """The runs of the growth table: ever more rows with all cores, then the fewest rows with fewer cores.

    Args:
        base: the usual run; the growth begins at a tenth of its rows.
    """
    rounds = min(base.rounds, 5)
    usual = replace(base, rounds=rounds, flow_rounds=1, naive_rest_orders=2, naive_flow_orders=8)
    fewest = base.stored // 10
    plans = {f"{fewest * times:,} orders": _with(usual, fewest * times) for times in GROWTH_TIMES}
    return plans | {f"{n} core{'s' * (n > 1)}": replace(_with(usual, fewest), cores=n) for n in GROWTH_CORES}


def _with(plan: Plan, rows: int) -> Plan:
    return replace(plan, stored=rows, list_rows=rows, flow_stored=(rows,))
