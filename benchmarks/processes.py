"""What processes cost: processor time and memory, as Linux tells them in /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# Writing this to clear_refs makes the peak start again from what is used now (proc(5)).
RESET_PEAK = "5"


def family(pid: int) -> list[int]:
    """A process and all that it has started, directly or not."""
    children = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                children[int(_after_name(int(folder.name))[1])].append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
    found = [pid]
    for one in found:
        found += children[one]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that processes have taken so far, and their children that have ended."""
    return sum(sum(int(ticks) for ticks in _after_name(pid)[11:15]) for pid in pids) / TICKS


def memory_mb(pids: Iterable[int], kind: str = "Pss") -> float:
    """Memory of processes in MB.

    Args:
        pids: which.
        kind: ``"Pss"`` counts what several share once, as a container's figure does; ``"Rss"`` counts it
            for each of them.
    """
    return sum(_kilobytes(f"/proc/{pid}/smaps_rollup", kind) for pid in pids) / 1024


def peak_mb(pid: int) -> float:
    """The most that a process has held (RSS) since it began or since ``reset_peak``."""
    return _kilobytes(f"/proc/{pid}/status", "VmHWM") / 1024


def reset_peak(pid: int) -> None:
    """Let the peak of a process start again from what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


@contextmanager
def on_cores(cores: int | None) -> Iterator[None]:
    """Keep what is started inside, and all that it starts, on some cores; None for all."""
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, set(sorted(before)[:cores]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _after_name(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on; the second, the name, may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _kilobytes(path: str, name: str) -> int:
    for line in Path(path).read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(f"{path} does not tell {name}")
