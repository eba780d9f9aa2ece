"""What the suite takes while nobody asks it for anything."""

from __future__ import annotations

import time

from benchmarks import processes
from benchmarks.contest import Contest, say
from benchmarks.row import Row, Target

CPU = Target(most=2, of_ratio=False)
MEMORY = Target(most=600, of_ratio=False)
NAIVE = "naive suite"


def measure(contest: Contest) -> list[Row]:
    """Processor time and memory of all processes, at the same time of the suite and of the naive one."""
    contest.settle()
    seconds = contest.plan.idle_seconds
    families = (contest.suite.pids(), contest.naive.pids())
    before = [processes.cpu_seconds(family) for family in families]
    time.sleep(seconds)  # that nothing happens is what is measured
    after = [processes.cpu_seconds(family) for family in families]
    cpu, naive_cpu = ((b - a) / seconds * 100 for a, b in zip(before, after, strict=True))
    memory, naive_memory = (processes.memory_mb(family) for family in families)
    resident = processes.memory_mb(families[0], "Rss")
    say(f"  {cpu:.2f} % of a core, {memory:.0f} MB (RSS summed: {resident:.0f} MB)")
    detail = {"processes": len(families[0]), "RSS summed, MB": resident}
    return [
        Row("processor time at rest", "% of a core", [cpu], NAIVE, [naive_cpu], CPU),
        Row("memory at rest (PSS)", "MB", [memory], NAIVE, [naive_memory], MEMORY, detail),
    ]
